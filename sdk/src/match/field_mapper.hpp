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

/// A text and the numbers of its parts' fields.
struct FieldTextPlan {
  sigma::FieldText text;
  std::vector<FieldId> fields;  ///< by part
};

/// For each field of an event the fields that it stands for, by the document of the logsource map
/// that says so.
///
/// Thread safety: immutable once built.
class FieldMapper {
 public:
  struct Alias {
    FieldId field = 0;
    std::uint32_t route = 0;              ///< counts only if this one holds for the event
    std::uint32_t rank = 0;               ///< the lowest that the event has counts
    const ValueMap* values = nullptr;     ///< what the value means; null: what it says
    const FieldTextPlan* text = nullptr;  ///< of which this is the first field; null: a field
    bool instead = false;                 ///< counts also if the event has `field`
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

  enum class Standing : std::uint8_t { kNone, kOnlyIfMissing, kMayReplace };
  /// Whether events may have the field elsewhere.
  [[nodiscard]] Standing StandingOf(FieldId field) const {
    return field < standing_.size() ? standing_[field] : Standing::kNone;
  }

 private:
  void AddOne(const FieldAlias& alias, Alias of, FieldIndex& fields);
  void AddEvery(const std::vector<FieldAlias>& document, const FieldAlias& alias, Alias of,
                FieldIndex& fields);
  void AddTexts(const FieldAlias& alias, Alias of, FieldIndex& fields);
  void AddSource(FieldId source, const Alias& alias);

  std::size_t asked_ = 0;
  std::vector<std::vector<Alias>> aliases_;  ///< by source
  std::vector<Standing> standing_;           ///< by field
  std::vector<std::unique_ptr<const ValueMap>> value_maps_;
  std::vector<std::unique_ptr<const FieldTextPlan>> texts_;
};

}  // namespace auditflow::match
