#include "auditflow/correlate/event_fields.hpp"

#include <cstddef>

#include "src/correlate/correlation_plan.hpp"
#include "src/correlate/field_source.hpp"

namespace auditflow::correlate {
namespace {

std::vector<EventField> Read(const std::vector<std::string>& names,
                             const std::vector<std::string>& paths, FieldSource& source) {
  std::vector<EventField> fields;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    fields.push_back({names[i], paths[i], source.Text(paths[i])});
  }
  return fields;
}

}  // namespace

EventFields FieldsOf(const sigma::LinkedRules& rules, std::uint32_t correlation,
                     std::uint32_t reference, const event::Event& event,
                     const FieldLookup& lookup) {
  const sigma::CorrelationRule& rule = rules.rules.correlations[correlation];
  const SlotFields paths = SlotFieldsOf(rules, correlation, reference);
  FieldSource source(&event, lookup);
  return {Read(rule.group_by, paths.group, source),
          Read(rule.condition_fields, paths.value, source)};
}

}  // namespace auditflow::correlate
