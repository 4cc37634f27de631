#include "src/pipeline/later_rules.hpp"

#include "auditflow/observe/logging.hpp"

namespace auditflow::pipeline {

std::vector<store::LaterRule> LaterRules::Take() {
  std::vector<store::LaterRule> rules;
  rules.reserve(notes_.of_earlier.size());
  for (const RuleMatches::Earlier& match : notes_.of_earlier) {
    rules.push_back(store::MakeLaterRule(match.event_id, match.time, match.rule_id));
  }
  notes_.of_earlier.clear();
  return rules;
}

Status LaterRules::Archive(const std::vector<store::LaterRule>& rules) {
  const Result<std::size_t> waiting = archive_->AddRules(rules);
  const auto count = [&](std::string_view outcome, std::size_t number) {
    metrics_.archived_rules.With({outcome}).Increment(static_cast<double>(number));
  };
  if (waiting) {
    count("added", rules.size() - *waiting);
    count("waiting", *waiting);
    return {};
  }
  if (waiting.error().code() != StatusCode::kInvalidArgument) return waiting.error();
  count("refused", rules.size());
  observe::log::Warning("archive", "rules not archived: " + waiting.error().message(),
                        {{"rules", rules.size()}});
  return {};
}

}  // namespace auditflow::pipeline
