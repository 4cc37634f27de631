#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/match/string_index.hpp"

namespace auditflow::match {

/// A field's number within one rule set.
using FieldId = std::uint32_t;

/// The field names of all rules as a tree of keys, so that one walk over an event finds every field
/// that a rule mentions and skips the rest. A name stands in the root as it is and, if it has dots,
/// as a path from there.
///
/// Thread safety: immutable once built.
class FieldIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

  /// What an object's key leads to.
  struct Target {
    FieldId field = kNone;        ///< a field that ends here
    std::uint32_t node = kNone;   ///< where the keys of an object below are looked up
    FieldId exact_field = kNone;  ///< root only: the field whose whole name this key is
  };

  FieldIndex() : nodes_(1) {}

  /// The field's number, a new one if it was not there.
  FieldId Add(std::string_view name);

  /// @return nothing if no such name was added.
  [[nodiscard]] std::optional<FieldId> Find(std::string_view name) const {
    const std::uint32_t id = names_.Find(name);
    return id == StringIndex::kMissing ? std::nullopt : std::optional<FieldId>(id);
  }

  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] const std::string& name(FieldId field) const { return names_[field]; }

  /// @return null if no field has this key here. `node` 0 is the root.
  [[nodiscard]] const Target* Find(std::uint32_t node, std::string_view key) const {
    const Node& keys = nodes_[node];
    const std::uint32_t id = keys.keys.Find(key);
    return id == StringIndex::kMissing ? nullptr : &keys.targets[id];
  }

 private:
  struct Node {
    StringIndex keys;
    std::vector<Target> targets;
  };

  Target& TargetAt(std::uint32_t node, std::string_view key);

  std::vector<Node> nodes_;
  StringIndex names_;
};

}  // namespace auditflow::match
