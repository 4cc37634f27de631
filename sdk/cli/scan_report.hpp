#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/pipeline/scanner.hpp"

#include "cli/terminal.hpp"

namespace auditflow::cli {

/// What a scan has counted, by rule.
struct ScanCounts {
  struct Rule {
    const sigma::Metadata* metadata = nullptr;
    std::string id;
    std::uint64_t matches = 0;
  };
  std::map<const sigma::Metadata*, Rule> rules;
  std::uint64_t matches = 0;
  std::uint64_t faulty = 0;  ///< documents that could not be read
  std::uint64_t bytes = 0;
  std::size_t files = 0;

  void Add(const pipeline::Finding& finding);
};

/// Lines for standard error: how many rules are in use, and by reason how many are not.
std::vector<std::string> RuleLines(const pipeline::RulePackage& package);

/// Lines for standard error: events, matches by level and by rule, and what correlations left out.
std::vector<std::string> SummaryLines(const ScanCounts& counts,
                                      const pipeline::ScannerStatistics& statistics,
                                      Duration elapsed, const Terminal& terminal);

}  // namespace auditflow::cli
