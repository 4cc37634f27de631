#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/generate/traffic_mix.hpp"

namespace auditflow::generate {

struct EventGeneratorOptions {
  std::uint64_t seed = 0;
  Timestamp start = {};                                 ///< of the first event of `Next()`
  Duration interval = std::chrono::milliseconds(1000);  ///< between events of `Next()`
  /// Share of events that begin a scenario, 0 to 1; the rest is ordinary work.
  double scenario_rate = 0.01;
  ScenarioMix mix = {};
  Background background = Background::kUsual;
  /// Event types to make, all if empty.
  std::vector<std::string> only = {};
  /// Printable ASCII without quotation marks and backslashes.
  std::string source_service = "audit-event-generator";

  /// Takes the mix's background, scenario rate and scenarios.
  EventGeneratorOptions& Use(const TrafficMix& traffic);
};

/// What a generated event says of itself. The views are valid for ever.
struct EventFacts {
  Uuid event_id;
  std::string_view event_type;
  std::string_view server_hostname;
  std::string_view action_result;
};

/// Makes audit events of the wire contract: background work with scenarios played between it that
/// the shipped rules are about.
///
/// The same options give the same events. Thread safety: thread-safe; threads share one sequence.
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
  EventFacts AppendNextAt(Timestamp time, std::string& out);

  /// From the next event on; a scenario that is being played is played to its end.
  void Use(const TrafficMix& traffic);

 private:
  struct Impl;
  explicit EventGenerator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::generate
