#include "auditflow/sigma/node.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "auditflow/sigma/yaml.hpp"

namespace auditflow::sigma {
namespace {

void AppendJsonString(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20U) {
      out += "\\u00";
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 0xFU]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

template <class Number>
void AppendNumber(Number value, std::string& out) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end.ptr);
}

void AppendScalar(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kNull:
      out += "null";
      break;
    case Node::Kind::kBool:
      out += node.boolean ? "true" : "false";
      break;
    case Node::Kind::kInteger:
      AppendNumber(node.integer, out);
      break;
    case Node::Kind::kUnsigned:
      AppendNumber(node.unsigned_integer, out);
      break;
    case Node::Kind::kDouble:
      if (std::isfinite(node.number)) {
        AppendNumber(node.number, out);
      } else {
        AppendJsonString(node.text, out);
      }
      break;
    default:
      AppendJsonString(node.text, out);
      break;
  }
}

}  // namespace

const Node* Node::Find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

// Recursion is bounded by LoadLimits::max_depth, which a document has passed to become a Node.
void AppendJson(const Node& node, std::string& out) {
  if (node.is_scalar()) return AppendScalar(node, out);
  const bool is_map = node.kind == Node::Kind::kMap;
  out.push_back(is_map ? '{' : '[');
  bool first = true;
  for (const Node::Member& member : node.members) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendJsonString(member.key, out);
    out.push_back(':');
    AppendJson(member.value, out);
  }
  for (const Node& item : node.items) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendJson(item, out);
  }
  out.push_back(is_map ? '}' : ']');
}

}  // namespace auditflow::sigma
