#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"

namespace auditflow::generate {

/// What goes on between the scenarios.
enum class Background : std::uint8_t {
  kUsual,    ///< mostly log-ins and commands, and some of everything else
  kUniform,  ///< each row of the wire contract's table as often as the others
  /// Work in which the shipped rules find nothing at whatever rate: no sensitive files, services
  /// that restart on a host of their own, and at most one mistyped password in ten minutes of event
  /// time.
  kQuiet,
};

/// How often each scenario is played, relative to the others; 0: never.
struct ScenarioMix {
  std::uint32_t brute_force = 4;           ///< failed log-ins in a row, then a success
  std::uint32_t password_spraying = 1;     ///< one address, many users
  std::uint32_t sensitive_file = 3;        ///< /etc/shadow, /etc/sudoers … modified
  std::uint32_t privilege_escalation = 3;  ///< a shell, a grant or a download through sudo
  std::uint32_t privileged_account = 2;    ///< an account made in sudo or wheel
  std::uint32_t service_outage = 2;        ///< one service stopped on several hosts
  std::uint32_t log_tampering = 2;         ///< auditd stopped, logs removed
  std::uint32_t mass_modification = 1;     ///< many files by one user
  /// One trusted user on one host, from a root shell over an account of their own to removed logs.
  std::uint32_t insider = 0;
};

/// A kind of traffic that has a name.
struct TrafficMix {
  std::string_view name;
  std::string_view summary;  ///< one sentence for a person
  Background background = Background::kUsual;
  double scenario_rate = 0;  ///< share of events that begin a scenario, 0 to 1
  ScenarioMix scenarios = {};
};

/// All there are: `standard`, which is what `EventGeneratorOptions` says by default; `uniform`,
/// `quiet_day`, `brute_force`, `insider`.
std::span<const TrafficMix> TrafficMixes();

/// @return kInvalidArgument naming those there are.
Result<TrafficMix> FindTrafficMix(std::string_view name);

/// The names, with `separator` between them.
std::string TrafficMixNames(std::string_view separator);

}  // namespace auditflow::generate
