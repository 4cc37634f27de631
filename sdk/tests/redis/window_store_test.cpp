#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/redis/redis_windows.hpp"

#include "tests/correlate/window_store_suite.hpp"
#include "tests/redis/redis_server.hpp"

namespace auditflow::correlate {

std::unique_ptr<WindowStore> NewStore(std::vector<WindowSpec> specs, Duration allowed_lateness,
                                      const WindowLimits& limits) {
  auto windows = redis::RedisWindows::Create(redis::SharedServer()->Options());
  return (*windows)->NewStore(std::move(specs), allowed_lateness, limits);
}

std::string WhyNoStore() { return redis::SharedServer() == nullptr ? "no redis-server here" : ""; }

}  // namespace auditflow::correlate
