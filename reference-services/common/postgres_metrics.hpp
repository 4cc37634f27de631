#pragma once

#include <functional>
#include <vector>

#include "auditflow/observe/metrics.hpp"
#include "auditflow/postgres/postgres_options.hpp"

namespace auditflow::services {

/// What a pool of connections has and did:
///
///     auditflow_postgres_connections_in_use, …_idle, …_max, auditflow_postgres_waiting_calls
///     auditflow_postgres_connections_total{event="opened|failed|lost"}
///     auditflow_postgres_waits_total{outcome="served|timed_out"}
///     auditflow_postgres_wait_seconds_total{outcome="all"}
///
/// Asked at each rendering, for as long as this lives.
class PoolMetrics {
 public:
  PoolMetrics(observe::Metrics& metrics,
              const std::function<postgres::PoolStatistics()>& statistics);

 private:
  std::vector<observe::MetricCallback> callbacks_;
};

}  // namespace auditflow::services
