#pragma once

#include <string>
#include <vector>

#include "auditflow/pipeline/rule_package.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}  // namespace CLI

namespace auditflow::cli {

/// Whether rules see only the events of their logsource, and what says which those are.
struct RoutingOptions {
  bool routing = true;
  bool field_mapping = true;      ///< also look at the other names that maps give for fields
  std::vector<std::string> maps;  ///< beside the shipped ones
};

/// `--logsource-map`, `--no-routing` and `--no-field-mapping`.
void AddRoutingOptions(CLI::App& command, RoutingOptions& options);

/// Has the package routed by the shipped maps and those that are given.
void ApplyRouting(const RoutingOptions& options, pipeline::RulePackageOptions& package);

/// Routing is wanted, but there is no map: what to say about it.
inline constexpr const char* kNoMaps =
    "no logsource maps beside the program: every rule is asked of every event";

}  // namespace auditflow::cli
