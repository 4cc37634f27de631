#pragma once

#include <cstddef>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace auditflow::pipeline {

struct LogsourceCoverage {
  std::size_t covered = 0;  ///< rules whose logsource an entry of the map leads to
  /// A warning for each logsource of the other rules, at the first of them.
  std::vector<sigma::Diagnostic> diagnostics;
};

/// Which rules a logsource map leads to. An entry that takes every part from the event
/// (`%product%`) leads anywhere and so says nothing of any rule: it does not cover one.
LogsourceCoverage CoverageOf(const std::vector<sigma::DetectionRule>& map,
                             const std::vector<sigma::DetectionRule>& rules);

}  // namespace auditflow::pipeline
