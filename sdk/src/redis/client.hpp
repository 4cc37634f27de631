#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/redis/redis_options.hpp"

#include "src/redis/connection.hpp"

namespace auditflow::redis {

enum class Script : std::uint8_t { kNone, kAppend, kCompact };

/// A command; with a script, its arguments are what follows the script's digest in EVALSHA. What is
/// no script has to bear being repeated.
struct Call {
  Script script = Script::kNone;
  std::vector<std::string> arguments;
};

/// A connection that is made again with backoff, its scripts, and the watch over lost state.
///
/// A key that never expires holds the epoch: a random number that whoever finds none makes. When it
/// is gone or another, so was all the rest.
///
/// Thread safety: thread-safe; calls take turns, but for `Health`, which waits for none of them.
class Client {
 public:
  Client(RedisOptions options, Clock& clock, std::unique_ptr<RandomSource> random);

  /// One round trip, or two if Redis has forgotten the scripts.
  /// @return kUnavailable also if a reply is an error; the calls may all have been done then.
  Result<std::vector<Reply>> Run(std::span<const Call> calls);
  [[nodiscard]] RedisHealth Health() const;
  void CountLostGroup();
  std::uint64_t RandomNumber();
  [[nodiscard]] const RedisOptions& options() const { return options_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  Status Connect();
  Status LoadScripts();
  Result<std::vector<Reply>> Send(std::span<const Call> calls);
  Status Resend(std::span<const Call> calls, std::vector<Reply>& replies);
  Result<std::vector<Reply>> RunRaw(std::span<const Command> commands);
  /// Refers to the call.
  Command CommandOf(const Call& call) const;
  Status WatchEpoch(const Reply& epoch);
  Status Fail(Status status);
  void SetUp(RedisHealth& health, bool up, std::string reason) const;
  template <class Change>
  void ChangeHealth(Change change) {
    const std::lock_guard lock(health_mutex_);
    change(health_);
  }

  const RedisOptions options_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::unique_ptr<RandomSource> random_;
  Backoff backoff_;
  Duration next_attempt_;
  std::unique_ptr<Connection> connection_;
  std::string append_digest_;
  std::string compact_digest_;
  const std::string epoch_key_;
  std::string epoch_;
  // Of what follows. Taken while `mutex_` is held, never before it.
  mutable std::mutex health_mutex_;
  RedisHealth health_;
};

}  // namespace auditflow::redis
