#pragma once

#include <string_view>
#include <vector>

#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::service {

/// The usual metrics of a process, under the names that Prometheus's own clients give them
/// (`process_resident_memory_bytes`, `process_open_fds` …), `auditflow_build_info{service,version}`
/// and `auditflow_ready`. They are there as long as it exists; `metrics` and `health` must outlive
/// it.
class ProcessMetrics {
 public:
  ProcessMetrics(observe::Metrics& metrics, const observe::HealthRegistry& health,
                 std::string_view service, std::string_view version);

 private:
  std::vector<observe::GaugeCallback> callbacks_;
};

}  // namespace auditflow::service
