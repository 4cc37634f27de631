#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/generate/traffic_mix.hpp"

#include "cli/routing_options.hpp"

namespace auditflow::cli {

/// What `auditflow up` was asked to do.
struct UpOptions {
  // Where events come from.
  std::string input;           ///< file, or "-"; empty: the generator
  std::optional<double> rate;  ///< events per second; 0: as fast as they are taken
  std::optional<Duration> duration;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> seed;
  std::optional<Timestamp> start_time;
  std::optional<generate::TrafficMix> mix;
  // What becomes of them.
  std::vector<std::string> rules;
  RoutingOptions routing;
  Duration watch_rules = std::chrono::seconds(2);  ///< between two looks; zero: do not look
  std::string environment = "development";
  Duration lateness{0};
  // Where they go.
  std::filesystem::path data_dir = "var";
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  bool serve = false;
  bool quiet = false;
  std::string log_level = "info";
};

}  // namespace auditflow::cli
