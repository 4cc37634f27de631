#include <array>
#include <utility>

#include "src/sigma/detection.hpp"
#include "src/sigma/documents.hpp"
#include "src/sigma/fields.hpp"
#include "src/sigma/metadata.hpp"

namespace auditflow::sigma {
namespace {

constexpr std::array<std::string_view, 2> kOwn = {"logsource", "filter"};
constexpr std::array<std::string_view, 1> kReserved = {"rules"};

bool MeansEveryRule(const Node& rules) {
  const bool any = rules.kind == Node::Kind::kString && rules.text == "any";
  return any || (rules.kind == Node::Kind::kSequence && rules.items.empty());
}

void ReadFilter(Node& filter, std::size_t max_depth, FilterRule& rule, Reporter& reporter) {
  if (filter.kind != Node::Kind::kMap) {
    return WrongType(filter, "filter", "a map of rules, search identifiers and a condition",
                     reporter);
  }
  Node* rules = FindMember(filter, "rules");
  if (rules == nullptr) {
    reporter.Warn(filter.location, "missing-rules",
                  "the filter does not say to which rules it applies; taken as 'rules: any'");
  } else if (!MeansEveryRule(*rules)) {
    rule.rules = ReadReferences(*rules, reporter);
  }
  DetectionSection section = ReadDetectionSection(filter, kReserved, max_depth, reporter);
  rule.detections = std::move(section.detections);
  rule.conditions = std::move(section.conditions);
}

}  // namespace

std::optional<FilterRule> ReadFilterRule(Node& document, std::size_t max_depth,
                                         Reporter& reporter) {
  FilterRule rule;
  Node* logsource = FindMember(document, "logsource");
  Node* filter = FindMember(document, "filter");
  rule.metadata = ReadMetadata(document, kOwn, reporter);
  if (logsource == nullptr) {
    reporter.Invalid(document.location, "missing-field", "'logsource' is missing");
  } else {
    rule.logsource = ReadLogSource(*logsource, reporter);
  }
  ReadFilter(*filter, max_depth, rule, reporter);
  if (!reporter.ok()) return std::nullopt;
  return rule;
}

}  // namespace auditflow::sigma
