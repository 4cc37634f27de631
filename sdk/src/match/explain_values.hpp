#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/match/explain.hpp"
#include "auditflow/sigma/document.hpp"

#include "src/match/expression.hpp"
#include "src/match/mapped_fields.hpp"

namespace auditflow::match {

/// The first bytes of a text, cut where a code point begins.
std::string Clip(std::string_view text, std::size_t most);

/// What one item asks of the event, and which of its values decides.
class ItemExplainer {
 public:
  /// All are borrowed.
  ItemExplainer(const event::Event& event, const MappedFields& fields,
                const CompileOptions& compile, const ExplainOptions& options)
      : event_(event), fields_(fields), compile_(compile), options_(options) {}

  [[nodiscard]] ExplainedItem Explain(const sigma::DetectionItem& item) const;

 private:
  struct Numbered {
    std::size_t number = 0;  ///< in the item's list
    ExplainedValue value;
  };

  void AddEventValues(ExplainedItem& to) const;
  void AddValues(const sigma::DetectionItem& item, ExplainedItem& to) const;
  void Choose(bool all, std::vector<Numbered> holding, std::vector<Numbered> failing,
              ExplainedItem& to) const;
  [[nodiscard]] ExplainedValue Describe(const sigma::Node& value, bool holds) const;
  [[nodiscard]] ExplainedEventValue Describe(const std::string& name, event::Value value,
                                             event::Value meaning) const;
  [[nodiscard]] std::string TextIn(event::Value value) const;
  [[nodiscard]] std::optional<ExplainedEventValue> HoldsBy(const Expression& meaning,
                                                           const std::string& field) const;

  const event::Event& event_;
  const MappedFields& fields_;
  const CompileOptions& compile_;
  const ExplainOptions& options_;
};

}  // namespace auditflow::match
