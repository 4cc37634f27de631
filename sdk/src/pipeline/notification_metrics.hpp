#pragma once

#include "auditflow/observe/metrics.hpp"

namespace auditflow::pipeline {

/// What the dispatcher counts, see there.
struct DispatchMetrics {
  explicit DispatchMetrics(observe::Metrics& metrics);

  observe::CounterFamily& outcomes;  // channel, outcome
  observe::Counter& forgotten;
  observe::GaugeFamily& pending;  // channel, as the next three
  observe::GaugeFamily& dead;
  observe::GaugeFamily& oldest_seconds;
  observe::GaugeFamily& breaker;
  observe::HistogramFamily& attempt_seconds;  // channel
  observe::Histogram& alert_to_delivered_seconds;
};

}  // namespace auditflow::pipeline
