#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::generate {

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
};

struct EventGeneratorOptions {
  std::uint64_t seed = 0;
  Timestamp start = {};                                 ///< of the first event of `Next()`
  Duration interval = std::chrono::milliseconds(1000);  ///< between events of `Next()`
  /// Share of events that begin a scenario, 0 to 1; the rest is ordinary work.
  double scenario_rate = 0.01;
  ScenarioMix mix = {};
  /// Event types to make, all if empty.
  std::vector<std::string> only = {};
  /// Printable ASCII without quotation marks and backslashes.
  std::string source_service = "audit-event-generator";
};

/// Makes audit events of the wire contract: background work with scenarios played between it that
/// the shipped rules are about.
///
/// The same options give the same events. Thread safety: thread-compatible.
class EventGenerator {
 public:
  /// The event types that `only` may name.
  static std::vector<std::string> EventTypes();

  /// @return kInvalidArgument naming the option.
  static Result<EventGenerator> Create(EventGeneratorOptions options);
  ~EventGenerator();
  EventGenerator(EventGenerator&&) noexcept;
  EventGenerator& operator=(EventGenerator&&) noexcept;

  /// The next event as one line of JSON without a line break, at the next regular time.
  std::string Next();
  /// The same with a time of the caller's.
  std::string NextAt(Timestamp time);
  /// The same, appended to `out`: allocates nothing in the steady state beyond the time's text.
  void AppendNextAt(Timestamp time, std::string& out);

 private:
  struct Impl;
  explicit EventGenerator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::generate
