#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}  // namespace CLI

namespace auditflow::cli {

/// Whether rules see only the events of their logsource, and what says which those are.
struct RoutingOptions {
  bool routing = true;
  std::vector<std::string> maps;  ///< beside the shipped ones
};

/// `--logsource-map` and `--no-routing`.
void AddRoutingOptions(CLI::App& command, RoutingOptions& options);

/// The shipped maps and those that are given; empty: no routing.
std::vector<std::filesystem::path> LogsourceMaps(const RoutingOptions& options);

/// Routing is wanted, but there is no map: what to say about it.
inline constexpr const char* kNoMaps =
    "no logsource maps beside the program: every rule is asked of every event";

}  // namespace auditflow::cli
