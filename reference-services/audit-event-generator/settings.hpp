#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "auditflow/config/settings.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::services {

/// All that the generator is told, with the contract's defaults.
struct GeneratorSettings {
  GeneratorSettings();

  /// Events per second: `rate` if it is given, else by the interval.
  [[nodiscard]] double StartRate() const;

  rabbitmq::PublisherOptions publisher;
  double interval_seconds = 5;  ///< from one event to the next; 0: as fast as the broker takes them
  std::optional<double> rate;   ///< events per second
  std::optional<std::uint64_t> seed;
  std::string mix = "uniform";
  std::optional<std::uint64_t> count;            ///< events made by itself, then no more
  std::optional<Timestamp> start_time;           ///< of the first event; nothing: the time of day
  Duration time_step = std::chrono::seconds(1);  ///< from one to the next with `start_time`
  std::size_t batch = 2048;
  Duration confirm_timeout = std::chrono::seconds(5);
};

/// Adds all settings of the generator; `settings` must outlive the table.
void AddGeneratorSettings(config::SettingTable& table, GeneratorSettings& settings);

}  // namespace auditflow::services
