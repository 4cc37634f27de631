#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/field_index.hpp"

namespace auditflow::match {

/// Finds in one pass over an event every field of a `FieldIndex`, exactly as `event::ForEachAt`
/// would find each on its own.
///
/// Thread safety: thread-compatible.
class EventWalk {
 public:
  explicit EventWalk(const FieldIndex& fields) : fields_(fields), exact_(fields.size(), 0) {}

  /// Calls `found(FieldId, Value)` for every key or path that is there; the value may be an array
  /// or an object.
  template <class Found>
  void Visit(const event::Event& event, Found&& found) {
    below_.clear();
    ++pass_;
    const event::Value root = event.root();
    ForEachTarget(root, 0, [&](const FieldIndex::Target& target, event::Value value) {
      if (target.exact_field != FieldIndex::kNone) {
        exact_[target.exact_field] = pass_;
        found(target.exact_field, value);
      }
      if (target.node != FieldIndex::kNone && !value.is_scalar()) {
        below_.emplace_back(value, target.node);
      }
    });
    // Paths come last: a top-level key that is the whole name wins over them.
    for (const auto& [value, node] : below_) Descend(value, node, found);
  }

 private:
  template <class Found>
  void Descend(event::Value value, std::uint32_t node, Found& found) {
    if (value.is_array()) {
      value.ForEachElement([&](event::Value element) { Descend(element, node, found); });
    } else if (value.is_object()) {
      ForEachTarget(value, node, [&](const FieldIndex::Target& target, event::Value member) {
        if (target.field != FieldIndex::kNone && exact_[target.field] != pass_) {
          found(target.field, member);
        }
        if (target.node != FieldIndex::kNone) Descend(member, target.node, found);
      });
    }
  }

  template <class Visit>
  void ForEachTarget(event::Value object, std::uint32_t node, Visit&& visit) {
    object.ForEachMember([&](std::string_view key, event::Value value) {
      const FieldIndex::Target* target = fields_.Find(node, key);
      if (target == nullptr && key.find(' ') != std::string_view::npos) {
        target = FindWithoutSpaces(object, node, key, value);
      }
      if (target != nullptr) visit(*target, value);
    });
  }

  /// Logs write "Threat Name" where rules say ThreatName. The exact key wins over that, and the
  /// first such key over others.
  const FieldIndex::Target* FindWithoutSpaces(event::Value object, std::uint32_t node,
                                              std::string_view key, event::Value value) {
    StripSpaces(key, key_);
    const FieldIndex::Target* target = fields_.Find(node, key_);
    if (target == nullptr) return nullptr;
    std::uint32_t first = 0;
    bool has_exact = false;
    object.ForEachMember([&](std::string_view other, event::Value member) {
      has_exact = has_exact || other == key_;
      StripSpaces(other, other_key_);
      if (first == 0 && other_key_ == key_) first = member.index();
    });
    return !has_exact && first == value.index() ? target : nullptr;
  }

  static void StripSpaces(std::string_view key, std::string& out) {
    out.clear();
    std::copy_if(key.begin(), key.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  }

  const FieldIndex& fields_;
  std::vector<std::uint64_t>
      exact_;  ///< by field: the last pass that met its whole name at the top
  std::uint64_t pass_ = 0;
  std::vector<std::pair<event::Value, std::uint32_t>> below_;
  std::string key_;
  std::string other_key_;
};

/// Calls `visit(Value)` for every scalar below `value`, or for itself if it is one.
template <class Visit>
void ForEachScalar(event::Value value, Visit&& visit) {
  if (value.is_array()) {
    value.ForEachElement([&](event::Value element) { ForEachScalar(element, visit); });
  } else if (value.is_object()) {
    value.ForEachMember(
        [&](std::string_view, event::Value member) { ForEachScalar(member, visit); });
  } else {
    visit(value);
  }
}

}  // namespace auditflow::match
