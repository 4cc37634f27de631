#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"

namespace auditflow::store {

/// Which alerts are to be told about over a channel. Given to a store: its `Insert` then writes one
/// entry for each new alert and each target that takes it, in the transaction of the alert.
struct OutboxTarget {
  std::string channel;  ///< 1 to 64 of a–z, 0–9, '_' and '-', beginning with a letter
  /// One of the names that `SeverityRank` knows; empty: every alert.
  std::string min_severity = {};
  std::vector<std::string> rule_ids = {};     ///< only alerts of these rules; empty: of all
  std::vector<std::string> alert_types = {};  ///< only alerts of these types; empty: of all

  friend bool operator==(const OutboxTarget&, const OutboxTarget&) = default;
};

/// INFO, INFORMATIONAL (0), LOW (1), MEDIUM, WARNING (2), HIGH, ERROR (3), CRITICAL (4), in either
/// case; nothing for another text.
std::optional<int> SeverityRank(std::string_view severity);

/// Whether the target takes the alert. A severity without a rank passes every minimum: one
/// notification too many is better than one too few.
[[nodiscard]] bool Takes(const OutboxTarget& target, const alert::Alert& alert);

/// @return kInvalidArgument "channel: …" or "min_severity: …" for the first fault, be it that two
/// targets have the same channel.
Status Validate(std::span<const OutboxTarget> targets);

/// The name under which a receiver knows an alert's notification over a channel: the same for every
/// attempt and replay, a UUID (version 5).
std::string IdempotencyKey(const Uuid& alert_id, std::string_view channel);

/// A notification that is due and in its worker's hands until the lease ends.
struct OutboxEntry {
  std::uint64_t id = 0;
  /// Fencing: every claim of the entry has another. Whoever comes with an old one is refused.
  std::uint64_t lease_token = 0;
  std::string channel;
  std::string idempotency_key;
  std::uint32_t attempts = 0;  ///< with this one
  Timestamp queued_at;         ///< when it was first written or last replayed
  std::string last_error;      ///< of the attempt before; empty at the first
  alert::Alert alert;
};

/// A notification that was given up.
struct DeadEntry {
  std::uint64_t id = 0;
  std::string channel;
  Uuid alert_id;
  std::string idempotency_key;
  std::uint32_t attempts = 0;
  Timestamp queued_at;
  Timestamp dead_at;
  std::string reason;

  friend bool operator==(const DeadEntry&, const DeadEntry&) = default;
};

struct ClaimRequest {
  std::string channel;
  std::uint32_t max = 1;
  Duration lease = std::chrono::minutes(1);
};

struct DeadQuery {
  std::string channel = {};  ///< empty: of all channels
  std::uint32_t limit = 100;
  std::optional<std::uint64_t> after = {};  ///< only what comes after the entry with this id
};

/// What stands in the outbox of one channel.
struct OutboxNumbers {
  std::string channel;
  std::uint64_t pending = 0;  ///< waiting, or in a worker's hands
  std::uint64_t dead = 0;
  std::optional<Timestamp> oldest_pending = {};  ///< `queued_at` of the oldest that waits

  friend bool operator==(const OutboxNumbers&, const OutboxNumbers&) = default;
};

/// The notifications that an alert store still has to have delivered (transactional outbox).
///
/// Workers claim what is due, deliver it, and say what came of it. What a worker did not settle is
/// due again when its lease has ended, so that each entry is delivered at least once, whoever
/// crashes when; receivers tell repeats by the idempotency key. Any number of workers and processes
/// may claim at the same time: no two hold one entry. An entry whose alert is gone from the store
/// is dropped.
///
/// Time is the store's clock, in whole microseconds.
///
/// Thread safety: thread-safe.
class Outbox {
 public:
  virtual ~Outbox() = default;

  /// Takes what is due of a channel, what has waited longest first.
  virtual Result<std::vector<OutboxEntry>> Claim(const ClaimRequest& request) = 0;

  /// Takes a delivered entry out.
  /// @return as the other two: kFailedPrecondition if another worker has claimed it since, or it is
  /// settled; then the call changed nothing.
  virtual Status Delivered(const OutboxEntry& entry) = 0;
  /// Due again at `at`. The error is kept as far as `StorableError` does.
  virtual Status RetryAt(const OutboxEntry& entry, Timestamp at, std::string_view error) = 0;
  /// Gives it up until somebody replays it.
  virtual Status DeadLetter(const OutboxEntry& entry, std::string_view reason) = 0;

  /// What was given up, the highest id first.
  virtual Result<std::vector<DeadEntry>> ListDead(const DeadQuery& query) = 0;
  /// Makes given-up entries due at once, with no attempts so far. @return how many there were.
  virtual Result<std::uint64_t> Replay(std::span<const std::uint64_t> ids) = 0;
  virtual Result<std::uint64_t> ReplayChannel(std::string_view channel) = 0;
  /// Takes given-up entries out for good. @return how many there were.
  virtual Result<std::uint64_t> Discard(std::span<const std::uint64_t> ids) = 0;

  /// Takes out for good what was given up before `before`, and of the rest all but the `keep` that
  /// were given up last, of all channels together. @return how many there were.
  virtual Result<std::uint64_t> ForgetDead(Timestamp before, std::uint64_t keep) = 0;

  /// Of each channel that has an entry, sorted by its name.
  virtual Result<std::vector<OutboxNumbers>> Numbers() = 0;
};

/// What every store can hold of an error: its first 1,000 bytes, broken UTF-8 as U+FFFD, control
/// characters as spaces.
std::string StorableError(std::string_view error);

}  // namespace auditflow::store
