#include <cstddef>
#include <optional>

#include "auditflow/event/event.hpp"

namespace auditflow::event {
namespace {

using Visitor = std::function<void(Value)>;

/// Whether `key` without its spaces is `name`.
bool EqualsWithoutSpaces(std::string_view key, std::string_view name) {
  std::size_t matched = 0;
  for (const char c : key) {
    if (c == ' ') continue;
    if (matched == name.size() || name[matched] != c) return false;
    ++matched;
  }
  return matched == name.size();
}

std::optional<Value> FindField(Value object, std::string_view name) {
  std::optional<Value> exact;
  std::optional<Value> spaced;
  object.ForEachMember([&](std::string_view key, Value value) {
    if (key == name) {
      exact = value;
    } else if (!spaced && key.size() > name.size() && EqualsWithoutSpaces(key, name)) {
      spaced = value;
    }
    return !exact.has_value();
  });
  return exact ? exact : spaced;
}

/// Calls `visit` for each element of an array, those of arrays in it included, without recursion.
template <class Visit>
void ForEachLeaf(Value array, const Visit& visit) {
  const std::uint32_t end = array.next_index();
  for (std::uint32_t at = array.index(); at < end;) {
    const Value value(array.tape(), at);
    if (value.tag() == '[' || value.tag() == ']') {
      ++at;
      continue;
    }
    visit(value);
    at = value.next_index();
  }
}

void Emit(Value value, const Visitor& visit) {
  if (value.is_array()) {
    ForEachLeaf(value, visit);
  } else {
    visit(value);
  }
}

bool Descend(Value value, std::string_view path, const Visitor& visit);

bool Step(Value object, std::string_view path, const Visitor& visit) {
  if (!object.is_object()) return false;
  const std::size_t dot = path.find('.');
  const std::optional<Value> field = FindField(object, path.substr(0, dot));
  if (!field) return false;
  if (dot != std::string_view::npos) return Descend(*field, path.substr(dot + 1), visit);
  Emit(*field, visit);
  return true;
}

bool Descend(Value value, std::string_view path, const Visitor& visit) {
  if (!value.is_array()) return Step(value, path, visit);
  bool present = false;
  ForEachLeaf(value, [&](Value element) { present = Step(element, path, visit) || present; });
  return present;
}

}  // namespace

bool ForEachAt(const Event& event, std::string_view path, const Visitor& visit) {
  const Value root = event.root();
  if (const std::optional<Value> field = FindField(root, path)) {
    Emit(*field, visit);
    return true;
  }
  return path.find('.') != std::string_view::npos && Step(root, path, visit);
}

std::optional<std::string> TextAt(const Event& event, std::string_view path) {
  std::optional<std::string> text;
  ForEachAt(event, path, [&](Value value) {
    if (text || !value.is_scalar() || value.is_null()) return;
    switch (value.type()) {
      case Type::kString:
        text = value.string_value();
        break;
      case Type::kBool:
        text = value.bool_value() ? "true" : "false";
        break;
      default:
        text = event.NumberText(value);
        break;
    }
  });
  return text;
}

}  // namespace auditflow::event
