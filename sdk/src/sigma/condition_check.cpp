#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/sigma/condition_parser.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

class Checker {
 public:
  Checker(const std::vector<std::pair<std::string, Detection>>& detections, Reporter& reporter)
      : detections_(detections), reporter_(reporter), used_(detections.size(), false) {
    for (std::size_t i = 0; i < detections.size(); ++i) {
      index_.emplace(detections[i].first, i);
      names_.push_back(detections[i].first);
    }
  }

  void Check(const Condition& condition) {
    if (reporter_.exhausted()) return;
    if (condition.kind == Condition::Kind::kIdentifier) {
      CheckIdentifier(condition);
    } else if (condition.kind == Condition::Kind::kSelector) {
      CheckSelector(condition);
    }
    for (const Condition& child : condition.children) Check(child);
  }

  void ReportUnused() {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) continue;
      reporter_.Warn(detections_[i].second.location, "unused-identifier",
                     "no condition uses the search identifier " + Quote(detections_[i].first));
    }
  }

 private:
  void CheckIdentifier(const Condition& condition) {
    const auto found = index_.find(condition.name);
    if (found != index_.end()) {
      used_[found->second] = true;
      return;
    }
    reporter_.Invalid(condition.location, "unknown-identifier",
                      "the condition uses " + Quote(condition.name) +
                          ", but no search identifier has this name" +
                          DidYouMean(condition.name, names_));
  }

  void CheckSelector(const Condition& condition) {
    std::size_t selected = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!Selects(condition.name, names_[i])) continue;
      ++selected;
      used_[i] = true;
    }
    if (selected == 0) {
      reporter_.Invalid(condition.location, "empty-selector",
                        "'of " + condition.name.substr(0, 60) +
                            "' selects no search identifier (names that start with '_' are "
                            "selected only by a pattern that does)");
    } else if (condition.quantity > selected) {
      reporter_.Warn(condition.location, "never-true",
                     Quote(std::to_string(condition.quantity) + " of " + condition.name) +
                         " can never hold: it selects " + std::to_string(selected) +
                         " search identifiers");
    }
  }

  const std::vector<std::pair<std::string, Detection>>& detections_;
  Reporter& reporter_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::vector<std::string_view> names_;
  std::vector<bool> used_;
};

}  // namespace

bool Selects(std::string_view pattern, std::string_view identifier) {
  if (pattern == "them") return !identifier.starts_with('_');
  if (identifier.starts_with('_') && !pattern.starts_with('_')) return false;
  return GlobMatch(pattern, identifier);
}

void CheckConditions(std::span<const Condition> conditions,
                     const std::vector<std::pair<std::string, Detection>>& detections,
                     Reporter& reporter) {
  Checker checker(detections, reporter);
  for (const Condition& condition : conditions) checker.Check(condition);
  checker.ReportUnused();
}

}  // namespace auditflow::sigma
