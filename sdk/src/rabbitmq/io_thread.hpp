#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/rabbitmq/connection_health.hpp"
#include "auditflow/rabbitmq/options.hpp"

#include "src/rabbitmq/connection_machine.hpp"
#include "src/rabbitmq/session.hpp"
#include "src/rabbitmq/wake_up.hpp"
#include "src/rabbitmq/watchdog.hpp"

namespace auditflow::rabbitmq {

/// The thread that owns a connection: makes it, serves it, and makes it again.
///
/// Thread safety: thread-safe.
class IoThread {
 public:
  /// All have to outlive it.
  IoThread(const ConnectionOptions& options, Session& session, Clock& clock);
  ~IoThread() { Stop(); }
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void Start();
  /// Closes the connection in good order and joins the thread. May be called again.
  void Stop();
  /// There is work for the session.
  void Wake() { wake_up_.Signal(); }

  [[nodiscard]] ConnectionHealth Health() const;
  [[nodiscard]] Duration BlockedFor() const;
  /// @return kUnavailable with the reason, kCancelled once stopped.
  Status WaitUntilReady(Duration timeout);

 private:
  void Run(const std::stop_token& stop);
  /// One connection, from its making to its end.
  void RunConnection(const std::stop_token& stop);
  Status Connect(AmqpConnection& connection);
  /// Until an error or a stop. @return the error.
  Status Serve(AmqpConnection& connection, const std::stop_token& stop);
  Status DrainEvents(AmqpConnection& connection, bool& more);
  Status HandleEvent(AmqpEvent event);
  /// Until something comes, but for what may gather.
  void Sleep(const AmqpConnection& connection, Duration most, Duration gathering);
  template <class Change>
  void ChangeState(Change change);
  [[nodiscard]] ConnectionMachine::Now Now() const;
  [[nodiscard]] bool blocked() const { return machine_.health().blocked; }

  const ConnectionOptions& options_;
  Session& session_;
  Clock& clock_;
  const std::unique_ptr<RandomSource> random_;
  WakeUp wake_up_;
  Watchdog watchdog_;
  mutable std::mutex mutex_;  ///< guards writing to machine_, and reading it on other threads
  std::condition_variable changed_;
  ConnectionMachine machine_;
  std::mutex stop_mutex_;
  std::jthread thread_;
};

}  // namespace auditflow::rabbitmq
