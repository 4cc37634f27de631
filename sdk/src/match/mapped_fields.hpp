#pragma once

#include <functional>
#include <memory>
#include <optional>
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
  void Add(const std::vector<FieldAlias>& document);

  bool ForEach(const event::Event& event, std::string_view field,
               const Visitor& visit) const override;

  /// Calls `visit(name, value, meaning)`: under which name the event has the value (a text is its
  /// own name), and as what rules see it. What it gets is valid until it returns.
  using NamedVisitor =
      std::function<void(const std::string& name, event::Value value, event::Value meaning)>;
  bool ForEachNamed(const event::Event& event, std::string_view field,
                    const NamedVisitor& visit) const;

  /// Under which names the event has the field: its own, else those of the first rank of which the
  /// event has any; empty if it has none.
  [[nodiscard]] std::vector<std::string> NamesIn(const event::Event& event,
                                                 std::string_view field) const;
  /// Every other name under which the field is looked for, the first rank first, once each.
  [[nodiscard]] std::vector<std::string> OtherNames(std::string_view field) const;

 private:
  struct Entry {
    FieldAlias alias;
    std::unique_ptr<const ValueMap> values;  ///< null: none
  };
  /// A place where a field may be.
  struct Place {
    std::string name;
    const sigma::FieldText* text = nullptr;  ///< null: the name is a field's
    const ValueMap* values = nullptr;        ///< null: values mean what they say
    bool instead = false;
  };

  static const Entry* EntryOf(const std::vector<Entry>& document, std::string_view field);
  [[nodiscard]] std::vector<std::vector<Place>> Ranks(std::string_view field) const;
  [[nodiscard]] std::vector<Place> PlacesIn(const event::Event& event,
                                            std::string_view field) const;

  std::vector<std::vector<Entry>> documents_;
};

}  // namespace auditflow::match
