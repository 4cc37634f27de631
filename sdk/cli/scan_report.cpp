#include "cli/scan_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "cli/diagnostics.hpp"
#include "cli/finding_format.hpp"
#include "cli/progress.hpp"

namespace auditflow::cli {
namespace {

std::string Plural(std::uint64_t number, std::string_view noun) {
  return Grouped(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

std::string Right(const std::string& text, std::size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

/// "12.3 MB in 0.4 s: 30.8 MB/s, 51,000 events/s"
std::string Speed(std::uint64_t bytes, std::uint64_t events, Duration elapsed) {
  const double seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-6);
  const double megabytes = static_cast<double>(bytes) / 1e6;
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%.1f MB in %.1f s: %.1f MB/s, ", megabytes, seconds,
                megabytes / seconds);
  return text.data() + Grouped(static_cast<std::uint64_t>(static_cast<double>(events) / seconds)) +
         " events/s";
}

std::vector<ScanCounts::Rule> Ranked(const ScanCounts& counts) {
  std::vector<ScanCounts::Rule> rules;
  for (const auto& [metadata, rule] : counts.rules) rules.push_back(rule);
  std::sort(rules.begin(), rules.end(), [](const ScanCounts::Rule& a, const ScanCounts::Rule& b) {
    const sigma::Level left = EffectiveLevel(*a.metadata);
    const sigma::Level right = EffectiveLevel(*b.metadata);
    if (left != right) return left > right;
    if (a.matches != b.matches) return a.matches > b.matches;
    return a.metadata->title < b.metadata->title;
  });
  return rules;
}

void AddLevels(const std::vector<ScanCounts::Rule>& rules, const Terminal& terminal,
               std::vector<std::string>& lines) {
  std::map<sigma::Level, std::uint64_t, std::greater<>> matches;
  for (const ScanCounts::Rule& rule : rules) {
    matches[EffectiveLevel(*rule.metadata)] += rule.matches;
  }
  std::string line = "by level:";
  for (const auto& [level, number] : matches) {
    line += "  " + Paint(sigma::ToString(level), ColourOf(level), terminal) + ' ' + Grouped(number);
  }
  if (!matches.empty()) lines.push_back(std::move(line));
}

void AddRules(const std::vector<ScanCounts::Rule>& rules, const Terminal& terminal,
              std::vector<std::string>& lines) {
  for (const ScanCounts::Rule& rule : rules) {
    std::string level = LevelName(*rule.metadata);
    level.resize(std::max<std::size_t>(level.size(), 13), ' ');
    lines.push_back(Right(Grouped(rule.matches), 10) + "  " +
                    Paint(level, ColourOf(EffectiveLevel(*rule.metadata)), terminal) + "  " +
                    WithoutControls(rule.metadata->title) + "  " +
                    Paint(WithoutControls(rule.id), Colour::kDim, terminal));
  }
}

void AddLeftOut(const pipeline::ScannerStatistics& statistics, std::vector<std::string>& lines) {
  const correlate::WindowStatistics& windows = statistics.correlation.windows;
  const auto add = [&lines](std::uint64_t number, const std::string& what) {
    if (number != 0) lines.push_back("correlations: " + Plural(number, "event") + ' ' + what);
  };
  add(statistics.without_time, "without a readable time left out");
  add(windows.late, "left out for coming too late; see --allowed-lateness");
  add(windows.duplicates, "with an event_id seen before left out");
  add(windows.dropped_events + windows.dropped_groups, "or groups dropped at a limit");
}

}  // namespace

void ScanCounts::Add(const pipeline::Finding& finding) {
  Rule& rule = rules[finding.metadata];
  rule.metadata = finding.metadata;
  if (rule.matches == 0) rule.id = finding.rule_id;
  ++rule.matches;
  ++matches;
}

std::vector<std::string> RuleLines(const pipeline::RulePackage& package) {
  const std::size_t detections = package.detection_alerts.size();
  const std::size_t correlations = package.correlation_alerts.size();
  const std::size_t filters = package.rules->rules.filters.size();
  const std::size_t used = detections + correlations + filters;
  const std::size_t unused = package.documents - std::min(package.documents, used);
  std::vector<std::string> lines;
  lines.push_back("rules: " + Grouped(package.rule_count()) + " loaded (" +
                  Plural(detections, "detection") + ", " + Plural(correlations, "correlation") +
                  ", " + Plural(filters, "filter") + ") from " + Plural(package.files, "file"));
  if (package.routed_detections) {
    lines.push_back("rules: " + Grouped(*package.routed_detections) + " of " +
                    Plural(detections, "detection") + " can be routed by logsource");
  }
  const DiagnosticCounts counts = Count(package.diagnostics);
  if (unused == 0 && counts.files_by_reason.empty()) return lines;
  std::string line = "rules: " + Grouped(unused) + " not supported or invalid";
  std::string_view separator = ": ";
  for (const auto& [reason, number] : counts.files_by_reason) {
    line.append(separator).append(reason).append(" ").append(Grouped(number));
    separator = ", ";
  }
  lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> SummaryLines(const ScanCounts& counts,
                                      const pipeline::ScannerStatistics& statistics,
                                      Duration elapsed, const Terminal& terminal) {
  std::vector<std::string> lines;
  lines.push_back(Plural(statistics.events, "event") + " in " + Plural(counts.files, "file") +
                  " (" + Speed(counts.bytes, statistics.events, elapsed) + ')');
  if (counts.faulty != 0) lines.push_back(Plural(counts.faulty, "document") + " not readable");
  const std::vector<ScanCounts::Rule> rules = Ranked(counts);
  lines.push_back((counts.matches == 1 ? "1 match" : Grouped(counts.matches) + " matches") +
                  " by " + Plural(rules.size(), "rule"));
  AddLevels(rules, terminal, lines);
  AddRules(rules, terminal, lines);
  AddLeftOut(statistics, lines);
  return lines;
}

}  // namespace auditflow::cli
