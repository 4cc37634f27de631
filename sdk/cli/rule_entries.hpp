#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/pipeline/rule_package.hpp"

namespace auditflow::cli {

/// One document of a rule package for listing and showing. Borrows from the package.
struct RuleEntry {
  const sigma::Metadata* metadata = nullptr;
  const sigma::DetectionRule* detection = nullptr;  ///< one of these three
  const sigma::CorrelationRule* correlation = nullptr;
  const sigma::FilterRule* filter = nullptr;
  const alert::AlertTemplate* alert = nullptr;  ///< null for a filter
  bool outputs = true;                          ///< false: only correlations use its matches

  /// "detection", "correlation" or "filter".
  [[nodiscard]] std::string kind() const;
  /// As in alerts; a filter's key.
  [[nodiscard]] std::string rule_id() const;
  /// "windows/process_creation", "event_count": what it looks at.
  [[nodiscard]] std::string subject() const;
};

/// Sorted by level, severest first, then by title.
std::vector<RuleEntry> EntriesOf(const pipeline::RulePackage& package);

struct RuleFilter {
  sigma::Level level = sigma::Level::kInformational;
  std::string kind;       ///< empty: any
  std::string logsource;  ///< "product/category/service", "*" or nothing for any part
  std::string tag;        ///< a tag or the start of one
  std::string text;       ///< in title, id, name or rule_id, letter case apart
};

bool Passes(const RuleEntry& entry, const RuleFilter& filter);

/// The entries whose rule_id, id or name is `name`; else those with that title; else those whose id
/// begins with it; else those with it in the title. Letter case does not count.
std::vector<RuleEntry> FindRules(const std::vector<RuleEntry>& entries, const std::string& name);

/// Every field that the rule's detections or correlation ask for, once each, in their order.
std::vector<std::string> FieldsOf(const RuleEntry& entry);

}  // namespace auditflow::cli
