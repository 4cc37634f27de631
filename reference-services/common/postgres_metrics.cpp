#include "common/postgres_metrics.hpp"

#include <chrono>
#include <string>

namespace auditflow::services {
namespace {

using observe::LabelledCount;
using postgres::PoolStatistics;
using Ask = std::function<PoolStatistics()>;

std::vector<LabelledCount> Connections(const PoolStatistics& pool) {
  return {{"opened", static_cast<double>(pool.opened)},
          {"failed", static_cast<double>(pool.failed)},
          {"lost", static_cast<double>(pool.lost)}};
}

std::vector<LabelledCount> Waits(const PoolStatistics& pool) {
  return {{"served", static_cast<double>(pool.waits - pool.timed_out)},
          {"timed_out", static_cast<double>(pool.timed_out)}};
}

std::vector<LabelledCount> WaitSeconds(const PoolStatistics& pool) {
  return {{"all", std::chrono::duration<double>(pool.waited).count()}};
}

}  // namespace

PoolMetrics::PoolMetrics(observe::Metrics& metrics, const Ask& statistics) {
  const auto level = [&](const char* name, const char* help, std::size_t PoolStatistics::*member) {
    callbacks_.push_back(metrics.AddGauge(
        name, help, [statistics, member] { return static_cast<double>(statistics().*member); }));
  };
  level("auditflow_postgres_connections_in_use", "Connections that somebody uses now.",
        &PoolStatistics::in_use);
  level("auditflow_postgres_connections_idle", "Connections that nobody uses now.",
        &PoolStatistics::idle);
  level("auditflow_postgres_connections_max", "Connections that there may be.",
        &PoolStatistics::max_connections);
  level("auditflow_postgres_waiting_calls", "Calls that wait for a connection now.",
        &PoolStatistics::waiting);
  callbacks_.push_back(metrics.AddCounters("auditflow_postgres_connections_total",
                                           "Connections by what became of them.", "event",
                                           [statistics] { return Connections(statistics()); }));
  callbacks_.push_back(metrics.AddCounters("auditflow_postgres_waits_total",
                                           "Calls that had to wait for a connection.", "outcome",
                                           [statistics] { return Waits(statistics()); }));
  callbacks_.push_back(metrics.AddCounters("auditflow_postgres_wait_seconds_total",
                                           "How long calls waited for connections.", "outcome",
                                           [statistics] { return WaitSeconds(statistics()); }));
}

}  // namespace auditflow::services
