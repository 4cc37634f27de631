#include "src/pipeline/logsource_coverage.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace auditflow::pipeline {
namespace {

using Parts = std::array<std::string_view, 3>;

Parts PartsOf(const sigma::LogSource& source) {
  return {source.product, source.category, source.service};
}

bool IsStated(std::string_view part) {
  return part.size() > 2 && part.front() == '%' && part.back() == '%';
}

bool IsStatedThroughout(const Parts& entry) {
  return std::all_of(entry.begin(), entry.end(),
                     [](std::string_view part) { return part.empty() || IsStated(part); });
}

bool LeadsTo(const Parts& entry, const Parts& rule) {
  for (std::size_t i = 0; i < rule.size(); ++i) {
    if (!rule[i].empty() && rule[i] != entry[i] && !IsStated(entry[i])) return false;
  }
  return true;
}

std::string Describe(const Parts& parts) {
  constexpr std::array<std::string_view, 3> kNames = {"product", "category", "service"};
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    text.append(text.empty() ? "" : ", ").append(kNames[i]).append(" '");
    text.append(parts[i]).append("'");
  }
  return text.empty() ? "a logsource without parts" : text;
}

sigma::Diagnostic Uncovered(const Parts& parts, const sigma::DetectionRule& first,
                            std::size_t rules, bool may_be_stated) {
  const bool one = rules == 1;
  const std::string which = one ? "its rule" : "its " + std::to_string(rules) + " rules";
  const std::string outcome =
      may_be_stated
          ? (one ? " matches" : " match") + std::string(" only events that state it themselves")
          : " never " + std::string(one ? "matches" : "match");
  return {sigma::DiagnosticKind::kWarning, first.logsource.location, "logsource-unmapped",
          "no logsource map leads to " + Describe(parts) + ": with routing " + which + outcome};
}

}  // namespace

LogsourceCoverage CoverageOf(const std::vector<sigma::DetectionRule>& map,
                             const std::vector<sigma::DetectionRule>& rules) {
  std::vector<Parts> entries;
  bool may_be_stated = false;
  for (const sigma::DetectionRule& document : map) {
    const Parts parts = PartsOf(document.logsource);
    may_be_stated |= IsStatedThroughout(parts);
    if (!IsStatedThroughout(parts)) entries.push_back(parts);
  }
  std::map<Parts, std::vector<const sigma::DetectionRule*>> by_logsource;
  for (const sigma::DetectionRule& rule : rules) {
    by_logsource[PartsOf(rule.logsource)].push_back(&rule);
  }
  LogsourceCoverage coverage;
  for (const auto& [parts, having_it] : by_logsource) {
    const auto leads = [&rule = parts](const Parts& entry) { return LeadsTo(entry, rule); };
    const bool any_event = parts == Parts();
    if (any_event || std::any_of(entries.begin(), entries.end(), leads)) {
      coverage.covered += having_it.size();
    } else {
      coverage.diagnostics.push_back(
          Uncovered(parts, *having_it.front(), having_it.size(), may_be_stated));
    }
  }
  return coverage;
}

}  // namespace auditflow::pipeline
