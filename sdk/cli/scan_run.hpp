#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/sigma/document.hpp"

#include "cli/routing_options.hpp"

namespace auditflow::cli {

enum class ScanFormat : std::uint8_t { kAuto, kJson, kTable };

struct ScanOptions {
  std::vector<std::string> rules;  ///< empty: the shipped ones
  RoutingOptions routing;
  std::vector<std::string> placeholders;  ///< "name=value", one for each value
  std::vector<std::string> files;         ///< "-": standard input
  ScanFormat format = ScanFormat::kAuto;
  bool with_event = false;
  bool summary = true;
  bool quiet = false;  ///< errors only on standard error
  sigma::Level level = sigma::Level::kInformational;
  Duration allowed_lateness = std::chrono::minutes(10);
};

/// Runs `auditflow scan`; returns its exit code.
int RunScan(const ScanOptions& options);

}  // namespace auditflow::cli
