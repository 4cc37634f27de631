#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

#include "auditflow/core/clock.hpp"

namespace auditflow::postgres {

/// Cuts sockets on which somebody has waited for too long: a server that is stopped or unreachable
/// keeps no timeout of its own, and libpq would wait for ever.
///
/// Thread safety: thread-safe. The clock must outlive it, and it the watches.
class Watchdog {
 public:
  explicit Watchdog(Clock& clock);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Watches a socket until it is destroyed. The socket may be closed before that.
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();

   private:
    friend class Watchdog;
    Watch(Watchdog* owner, std::uint64_t id) : owner_(owner), id_(id) {}
    Watchdog* owner_ = nullptr;
    std::uint64_t id_ = 0;
  };

  /// Shuts `socket` down once `limit` has passed.
  [[nodiscard]] Watch Guard(int socket, Duration limit);

 private:
  struct Entry {
    int socket;  ///< a duplicate of our own, whose number nobody else can be given
    Duration deadline;
    bool cut = false;
  };

  void Run(const std::stop_token& stop);
  /// How long until the next deadline.
  Duration CutOverdue();
  void Remove(std::uint64_t id);

  Clock& clock_;
  std::mutex mutex_;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t next_id_ = 0;
  std::stop_source wake_;
  std::jthread thread_;
};

}  // namespace auditflow::postgres
