#pragma once

#include <memory>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/correlate/window_store.hpp"
#include "auditflow/redis/redis_options.hpp"

namespace auditflow::redis {

/// Correlation windows in Redis: any number of programs share them, and they outlive programs.
///
/// Each group is a log of updates in Redis beside a snapshot of the state up to some update. One
/// script appends a program's updates and returns those of others that the program has not seen;
/// every program computes the state from the same log, with the code of the in-memory store. So
/// firings are exactly those of the in-memory store for updates in the order in which they reached
/// Redis, and each is returned by the program that appended what caused it. One round trip per
/// batch, and one more when snapshots are due.
///
/// `Apply` may be repeated after an error: what had reached Redis is not applied again, and its
/// firings are returned then. An update that is a duplicate of one that another program appended
/// (and perhaps died before it reported anything) returns that one's firings once more: alerts are
/// told apart by their identity. So does what a program released and had not settled when it died.
/// What `max_groups` limits is the groups held in this process;
/// groups in Redis expire.
///
/// No call waits longer than the timeouts; while Redis is away they fail at once with kUnavailable
/// until the next attempt is due.
///
/// Thread safety: thread-safe; calls take turns, but `Health` waits for none of them. The clock
/// must outlive it and its stores.
class RedisWindows {
 public:
  /// Touches no network. @return kInvalidArgument naming the option that is wrong.
  static Result<std::shared_ptr<RedisWindows>> Create(
      const RedisOptions& options, Clock& clock = SystemClock(),
      std::unique_ptr<RandomSource> random = SystemRandom());
  virtual ~RedisWindows() = default;

  /// To be used as a `Correlator::StoreFactory`. The store keeps the connection alive.
  virtual std::unique_ptr<correlate::WindowStore> NewStore(
      std::vector<correlate::WindowSpec> specs, Duration allowed_lateness,
      const correlate::WindowLimits& limits = {}) = 0;
  /// Connects if need be. @return kUnavailable with the reason.
  virtual Status Ping() = 0;
  [[nodiscard]] virtual RedisHealth Health() const = 0;
};

}  // namespace auditflow::redis
