#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auditflow::observe {

/// Why the name, the labels or the buckets cannot be used; empty if they can.
std::string MetricProblem(std::string_view name, const std::vector<std::string>& labels,
                          const std::vector<double>& buckets);

/// A label value that any scraper can read; see `Family`.
std::string SafeLabelValue(std::string_view value);

/// A help text of one line.
std::string SafeHelp(std::string_view help);

}  // namespace auditflow::observe
