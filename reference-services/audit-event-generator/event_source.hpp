#pragma once

#include <optional>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"

namespace auditflow::services {

/// Turns what a generator makes into messages, and counts it.
///
/// Thread safety: thread-compatible. All references must outlive it.
class EventSource {
 public:
  /// With `start_time`, timestamps are that and then `time_step` apart; else the time of day.
  EventSource(generate::EventGenerator& generator, observe::GeneratorMetrics& metrics,
              const Clock& clock, std::optional<Timestamp> start_time, Duration time_step)
      : generator_(generator),
        metrics_(metrics),
        clock_(clock),
        next_time_(start_time),
        time_step_(time_step) {}

  broker::Message Next();

 private:
  Timestamp NextTime();

  generate::EventGenerator& generator_;
  observe::GeneratorMetrics& metrics_;
  const Clock& clock_;
  std::optional<Timestamp> next_time_;
  const Duration time_step_;
};

}  // namespace auditflow::services
