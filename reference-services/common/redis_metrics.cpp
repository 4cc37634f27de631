#include "common/redis_metrics.hpp"

namespace auditflow::services {
namespace {

using observe::LabelledCount;
using redis::RedisHealth;

std::vector<LabelledCount> Connections(const RedisHealth& health) {
  return {{"connected", static_cast<double>(health.connections)},
          {"failed", static_cast<double>(health.failures)}};
}

std::vector<LabelledCount> ScriptLoads(const RedisHealth& health) {
  return {{"forgotten", static_cast<double>(health.script_loads)}};
}

std::vector<LabelledCount> Losses(const RedisHealth& health) {
  return {{"all_state", static_cast<double>(health.state_losses)},
          {"group", static_cast<double>(health.groups_lost)}};
}

}  // namespace

RedisMetrics::RedisMetrics(observe::Metrics& metrics, const std::function<RedisHealth()>& health) {
  callbacks_.push_back(metrics.AddCounters("auditflow_redis_connections_total",
                                           "Connections to Redis by what became of them.", "event",
                                           [health] { return Connections(health()); }));
  callbacks_.push_back(metrics.AddCounters("auditflow_redis_script_loads_total",
                                           "Scripts loaded again while connected.", "reason",
                                           [health] { return ScriptLoads(health()); }));
  callbacks_.push_back(metrics.AddCounters(
      "auditflow_redis_losses_total",
      "Windows that were gone before their time: one by one, or all state at once.", "what",
      [health] { return Losses(health()); }));
}

}  // namespace auditflow::services
