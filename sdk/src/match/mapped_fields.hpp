#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/field_mapper.hpp"
#include "src/match/field_reader.hpp"

namespace auditflow::match {

/// Fields under the other names that the logsource map gives them for one event, looked up one at a
/// time: what `FieldMapper` means, without its preparation.
///
/// Thread safety: thread-compatible while documents are added, then immutable.
class MappedFields final : public FieldReader {
 public:
  /// The names that one document of the map gives. Only of documents that hold for the event.
  void Add(std::vector<FieldAlias> aliases);

  bool ForEach(const event::Event& event, std::string_view field,
               const Visitor& visit) const override;

  /// Under which names the event has the field: its own, else those of the first rank of which the
  /// event has any; empty if it has none.
  [[nodiscard]] std::vector<std::string> NamesIn(const event::Event& event,
                                                 std::string_view field) const;
  /// Every other name under which the field is looked for, the first rank first, once each.
  [[nodiscard]] std::vector<std::string> OtherNames(std::string_view field) const;

 private:
  [[nodiscard]] std::vector<std::vector<std::string>> Ranks(std::string_view field) const;

  /// What the value of `field` that was found under `name` means.
  [[nodiscard]] event::Value Meaning(std::string_view field, std::string_view name,
                                     const event::Event& event, event::Value value) const;

  struct Translation {
    FieldAlias alias;
    std::unique_ptr<const ValueMap> values;
  };

  std::vector<std::vector<FieldAlias>> documents_;
  std::vector<Translation> translations_;  ///< of the aliases that have values
};

}  // namespace auditflow::match
