#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/field_map.hpp"

#include "src/match/field_index.hpp"
#include "src/match/value_map.hpp"

namespace auditflow::match {

/// Stands for every field in `FieldAlias::field`.
inline constexpr std::string_view kEveryField = "*";

/// `name` in the place of the first `*` of a source.
std::string ReplaceStar(std::string_view source, std::string_view name);

using sigma::FieldAlias;
using sigma::ReadFieldAliases;

/// For each field of an event the fields that it stands for, by the document of the logsource map
/// that says so.
///
/// Thread safety: immutable once built.
class FieldMapper {
 public:
  struct Alias {
    FieldId field = 0;
    std::uint32_t route = 0;           ///< counts only if this one holds for the event
    std::uint32_t rank = 0;            ///< the lowest that the event has counts
    const ValueMap* values = nullptr;  ///< what the value means; null: what it says
  };

  FieldMapper() = default;
  /// `asked`: how many fields rules ask about; the ids below it are theirs.
  explicit FieldMapper(std::size_t asked) : asked_(asked) {}

  void Add(std::uint32_t route, const std::vector<FieldAlias>& aliases, FieldIndex& fields);

  [[nodiscard]] bool empty() const { return aliases_.empty(); }
  [[nodiscard]] std::span<const Alias> AliasesOf(FieldId source) const {
    if (source >= aliases_.size()) return {};
    return aliases_[source];
  }

 private:
  const ValueMap* Keep(const FieldAlias& alias);
  void AddSource(std::string_view source, const Alias& alias, FieldIndex& fields);

  std::size_t asked_ = 0;
  std::vector<std::vector<Alias>> aliases_;  ///< by source
  std::vector<std::unique_ptr<const ValueMap>> value_maps_;
};

}  // namespace auditflow::match
