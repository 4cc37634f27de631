#include "auditflow/event/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "auditflow/core/utf8.hpp"

namespace auditflow::event {
namespace {

/// Whether a byte of valid UTF-8 stands in a JSON string as it is, without a look at its
/// neighbours.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

void AppendEscape(unsigned char byte, std::string& out) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::size_t at = kShort.find(static_cast<char>(byte));
  if (at != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(kNames[at]);
    return;
  }
  out.append("\\u00");
  out.push_back(kHex[byte >> 4U]);
  out.push_back(kHex[byte & 0xfU]);
}

template <class Number>
void AppendInteger(Number number, std::string& out) {
  std::array<char, 24> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), result.ptr);
}

void AppendScalar(Value value, const Event& event, std::string& out) {
  switch (value.type()) {
    case Type::kString:
      AppendJsonString(value.string_value(), out);
      break;
    case Type::kUint64:
      AppendInteger(value.uint64_value(), out);
      break;
    case Type::kInt64:
      if (value.int64_value() != 0) {
        AppendInteger(value.int64_value(), out);
        break;
      }
      [[fallthrough]];  // may have been written as -0
    case Type::kDouble:
      out.append(event.NumberText(value));
      break;
    case Type::kBool:
      out.append(value.bool_value() ? "true" : "false");
      break;
    default:
      out.append("null");
      break;
  }
}

}  // namespace

void AppendJson(Value value, const Event& event, std::string& out) {
  if (value.is_scalar()) {
    AppendScalar(value, event, out);
    return;
  }
  const Tape* const tape = value.tape();
  const std::uint32_t end = value.next_index();
  std::string open;  // the brackets around the current word; short enough to stay off the heap
  bool first = true;
  bool after_key = false;
  for (std::uint32_t at = value.index(); at < end;) {
    const Value word(tape, at);
    const char tag = word.tag();
    if (tag == '}' || tag == ']') {
      out.push_back(tag);
      open.pop_back();
      first = false;
      ++at;
      continue;
    }
    if (!first && !after_key) out.push_back(',');
    if (!open.empty() && open.back() == '{' && !after_key) {
      AppendJsonString(word.string_value(), out);
      out.push_back(':');
      after_key = true;
      ++at;
      continue;
    }
    after_key = false;
    first = false;
    if (word.is_scalar()) {
      AppendScalar(word, event, out);
      at = word.next_index();
      continue;
    }
    out.push_back(tag);
    open.push_back(tag);
    first = true;
    ++at;
  }
}

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  std::size_t plain_from = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (kPlain[byte]) {
      ++at;
      continue;
    }
    const Utf8Step step = DecodeUtf8(text.substr(at));
    if (step.valid && step.length > 1) {
      at += step.length;
      continue;
    }
    out.append(text, plain_from, at - plain_from);
    if (step.valid) {
      AppendEscape(byte, out);
    } else {
      out.append("\xef\xbf\xbd");
    }
    at += step.length;
    plain_from = at;
  }
  out.append(text, plain_from);
  out.push_back('"');
}

}  // namespace auditflow::event
