#include "auditflow/event/value.hpp"

namespace auditflow::event {

Type Value::type() const {
  switch (tag()) {
    case '{':
      return Type::kObject;
    case '[':
      return Type::kArray;
    case '"':
      return Type::kString;
    case 'l':
      return Type::kInt64;
    case 'u':
      return Type::kUint64;
    case 'd':
      return Type::kDouble;
    case 't':
    case 'f':
      return Type::kBool;
    default:
      return Type::kNull;
  }
}

std::optional<Value> Value::Find(std::string_view key) const {
  std::optional<Value> found;
  if (!is_object()) return found;
  ForEachMember([&](std::string_view name, Value value) {
    if (name == key) found = value;
    return !found.has_value();
  });
  return found;
}

}  // namespace auditflow::event
