#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/postgres/postgres_options.hpp"

#include "src/postgres/connection.hpp"
#include "src/postgres/postgres_error.hpp"
#include "src/postgres/watchdog.hpp"

namespace auditflow::postgres {

/// Up to `max_connections` sessions with one database, and a thread, the keeper, that connects
/// first, connects again after a loss, and asks an idle database whether it is still there.
///
/// States: starting (nothing is known yet; callers wait), up, down (callers are refused at once
/// with the reason).
///
/// Thread safety: thread-safe. No call may be running when it is destroyed.
class ConnectionPool {
 public:
  /// `prepare` runs on each connection of the keeper before the database counts as up.
  using Prepare = std::function<Status(Connection&)>;
  ConnectionPool(const PostgresOptions& options, Prepare prepare, Clock& clock);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// Starts the keeper, unless it runs. The constructor does so if `connect_at_once` is set.
  void Start();
  [[nodiscard]] PostgresHealth Health() const;
  [[nodiscard]] PoolStatistics Statistics() const;

  /// Runs `work`, a function of a `pqxx::connection&` that returns a `Result` and may throw what
  /// libpqxx throws. If a connection from the pool turns out to be lost, which has then had no
  /// effect, runs it once more on a new one.
  template <class Work>
  auto Run(const Work& work) -> decltype(work(std::declval<pqxx::connection&>()));

 private:
  /// A connection in somebody's hands; at the end it goes back, or is closed if it is lost.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection, bool was_idle);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection& connection() { return *connection_; }
    /// Whether it may have been lost while it lay in the pool.
    [[nodiscard]] bool was_idle() const { return was_idle_; }
    /// Closes it instead of giving it back.
    void Drop();

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
    bool was_idle_;
    Watchdog::Watch watch_;
  };

  enum class State : std::uint8_t { kStarting, kUp, kDown };

  /// Somebody who waits for a connection. Guarded by `mutex_`.
  struct Waiter {
    std::stop_source served;
    std::unique_ptr<Connection> connection;  ///< this one, or if none may_open, or the status
    bool may_open = false;
    Status status = {};
  };

  Result<Lease> Acquire(bool fresh);
  Result<Lease> Await(std::unique_lock<std::mutex>& lock);
  Result<std::unique_ptr<Connection>> Open();
  /// The caller has counted the connection in.
  Result<Lease> OpenCounted();
  void Release(std::unique_ptr<Connection> connection);
  void Forget();
  void ServeFirst(std::unique_ptr<Connection> connection);
  void DropIdle();
  void CountLoss();

  void SetUp(std::unique_ptr<Connection> connection, const std::string& remark);
  void SetDown(const std::string& reason);
  void Tell();

  void Keep(const std::stop_token& stop);
  void ConnectOnce();
  void CheckIdle();
  Duration Pause(bool reached);
  [[nodiscard]] std::string Scrub(const std::string& message) const;

  const PostgresOptions options_;
  const std::string connection_string_;
  const Prepare prepare_;
  Clock& clock_;
  const std::unique_ptr<RandomSource> random_ = SystemRandom();
  Backoff backoff_{options_.reconnect, *random_};  ///< the keeper's
  Watchdog watchdog_;

  mutable std::mutex mutex_;
  State state_ = State::kStarting;
  PostgresHealth health_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t open_ = 0;       ///< idle, in use, or being opened by a caller
  PoolStatistics statistics_;  ///< its counters; the levels are made when they are asked for
  std::deque<Waiter*> waiters_;
  std::stop_source wake_keeper_;
  std::mutex tell_mutex_;  ///< orders the calls of `on_health`
  PostgresHealth told_;
  std::jthread keeper_;
};

template <class Work>
auto ConnectionPool::Run(const Work& work) -> decltype(work(std::declval<pqxx::connection&>())) {
  for (bool fresh = false;; fresh = true) {
    Result<Lease> lease = Acquire(fresh);
    if (!lease) return Error(lease.error());
    try {
      return work(lease->connection().raw());
    } catch (...) {
      const Failure failure = Understand(std::current_exception());
      if (failure.connection_lost || !lease->connection().is_open()) {
        lease->Drop();
        DropIdle();
        CountLoss();
        if (lease->was_idle() && !failure.in_doubt) continue;
      }
      return Error(Status(failure.status.code(), Scrub(failure.status.message())));
    }
  }
}

}  // namespace auditflow::postgres
