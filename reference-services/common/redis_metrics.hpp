#pragma once

#include <functional>
#include <vector>

#include "auditflow/observe/metrics.hpp"
#include "auditflow/redis/redis_options.hpp"

namespace auditflow::services {

/// What happened to the connection with Redis, and to what is kept there:
///
///     auditflow_redis_connections_total{event="connected|failed"}
///     auditflow_redis_script_loads_total{reason="forgotten"}
///     auditflow_redis_losses_total{what="all_state|group"}
///
/// Asked at each rendering, for as long as this lives.
class RedisMetrics {
 public:
  RedisMetrics(observe::Metrics& metrics, const std::function<redis::RedisHealth()>& health);

 private:
  std::vector<observe::MetricCallback> callbacks_;
};

}  // namespace auditflow::services
