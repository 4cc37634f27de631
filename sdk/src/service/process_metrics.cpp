#include "src/service/process_metrics.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace auditflow::service {
namespace {

/// Of /proc/self/statm, in pages: 0 is the whole address space, 1 what is in memory.
double PagesInBytes(int field) {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  for (int i = 0; i <= field; ++i) file >> pages;
  return file ? pages * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0.0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

double OpenDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator folder("/proc/self/fd", error);
  if (error) return 0;
  // One of them is the look itself.
  return static_cast<double>(std::distance(begin(folder), end(folder))) - 1;
}

double MostDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

double Threads() {
  std::error_code error;
  const std::filesystem::directory_iterator folder("/proc/self/task", error);
  return error ? 0 : static_cast<double>(std::distance(begin(folder), end(folder)));
}

double UnixNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

ProcessMetrics::ProcessMetrics(observe::Metrics& metrics, const observe::HealthRegistry& health,
                               std::string_view service, std::string_view version) {
  metrics
      .AddGauges("auditflow_build_info", "Always 1; which program this is",
                 {.labels = {"service", "version"}})
      .With({service, version})
      .Set(1);
  metrics.AddGauge("process_start_time_seconds", "Start of the process, in Unix time")
      .Set(UnixNow());
  const auto add = [&](const char* name, const char* help, std::function<double()> read) {
    callbacks_.push_back(metrics.AddGauge(name, help, std::move(read)));
  };
  callbacks_.push_back(metrics.AddCounter("process_cpu_seconds_total",
                                          "Time on processors, user and system", CpuSeconds));
  add("process_resident_memory_bytes", "Memory in use", [] { return PagesInBytes(1); });
  add("process_virtual_memory_bytes", "Address space in use", [] { return PagesInBytes(0); });
  add("process_open_fds", "Open file descriptors", OpenDescriptors);
  add("process_max_fds", "How many file descriptors may be open", MostDescriptors);
  add("process_threads", "Threads of the process", Threads);
  add("auditflow_ready", "1 while /readyz says so", [&health] { return health.Ready() ? 1 : 0; });
}

}  // namespace auditflow::service
