#include "src/match/field_index.hpp"

namespace auditflow::match {

FieldId FieldIndex::Add(std::string_view name) {
  const std::size_t known = names_.size();
  const FieldId field = names_.Add(name);
  if (field < known) return field;
  TargetAt(0, name).exact_field = field;
  std::uint32_t node = 0;
  std::string_view rest = name;
  for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    std::uint32_t next = TargetAt(node, rest.substr(0, dot)).node;
    if (next == kNone) {
      next = static_cast<std::uint32_t>(nodes_.size());
      TargetAt(node, rest.substr(0, dot)).node = next;
      nodes_.emplace_back();
    }
    node = next;
    rest.remove_prefix(dot + 1);
  }
  if (node != 0) TargetAt(node, rest).field = field;
  return field;
}

FieldIndex::Target& FieldIndex::TargetAt(std::uint32_t node, std::string_view key) {
  Node& keys = nodes_[node];
  const std::uint32_t id = keys.keys.Add(key);
  if (id == keys.targets.size()) keys.targets.emplace_back();
  return keys.targets[id];
}

}  // namespace auditflow::match
