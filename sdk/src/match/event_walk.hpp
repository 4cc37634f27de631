#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
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
    Visit(event, found, [](event::Value value) { return !value.is_scalar(); });
  }
  /// The same, but looks for fields below a value only if `enter(Value)` says so; it is asked of
  /// every value, scalars too, below which a field could be. Requires false for scalars.
  template <class Found, class Enter>
  void Visit(const event::Event& event, Found&& found, Enter&& enter) {
    below_.clear();
    spaced_.clear();
    ++pass_;
    ForEachTarget(event.root(), 0, [&](const FieldIndex::Target& target, event::Value value) {
      if (target.exact_field != FieldIndex::kNone) {
        exact_[target.exact_field] = pass_;
        found(target.exact_field, value);
      }
      if (target.node != FieldIndex::kNone && enter(value)) {
        below_.emplace_back(value, target.node);
      }
    });
    // Paths come last: a top-level key that is the whole name wins over them.
    for (const auto& [value, node] : below_) Descend(value, node, found, enter);
  }

 private:
  template <class Found, class Enter>
  void Descend(event::Value value, std::uint32_t node, Found& found, Enter& enter) {
    if (value.is_array()) {
      value.ForEachElement([&](event::Value element) { Descend(element, node, found, enter); });
    } else if (value.is_object()) {
      ForEachTarget(value, node, [&](const FieldIndex::Target& target, event::Value member) {
        if (target.field != FieldIndex::kNone && exact_[target.field] != pass_) {
          found(target.field, member);
        }
        if (target.node != FieldIndex::kNone && enter(member)) {
          Descend(member, target.node, found, enter);
        }
      });
    }
  }

  const FieldIndex::Target* Find(event::Value object, std::uint32_t node, std::string_view key) {
    const FieldIndex::Target* target = fields_.Find(node, key);
    if (target == nullptr && key.find(' ') != std::string_view::npos) {
      return FindWithoutSpaces(object, node, key);
    }
    return target;
  }

  template <class Visit>
  void ForEachTarget(event::Value object, std::uint32_t node, Visit&& visit) {
    object.ForEachMember([&](std::string_view key, event::Value value) {
      const FieldIndex::Target* target = Find(object, node, key);
      if (target != nullptr) visit(*target, value);
    });
  }

  /// Logs write "Threat Name" where rules say ThreatName. The exact key wins over that, and the
  /// first such key over others.
  const FieldIndex::Target* FindWithoutSpaces(event::Value object, std::uint32_t node,
                                              std::string_view key) {
    StripSpaces(key, key_);
    const FieldIndex::Target* target = fields_.Find(node, key_);
    // A hostile object may hold any number of keys that differ in their spaces only: one search is
    // enough for all.
    if (target == nullptr || !spaced_.emplace(object.index(), target).second) return nullptr;
    bool has_exact = false;
    object.ForEachMember(
        [&](std::string_view other, event::Value) { has_exact = has_exact || other == key_; });
    return has_exact ? nullptr : target;
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
  std::set<std::pair<std::uint32_t, const FieldIndex::Target*>> spaced_;
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
