#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::store {

/// The outbox of `InMemoryAlertStore`.
///
/// Thread safety: thread-safe.
class InMemoryOutbox final : public Outbox {
 public:
  InMemoryOutbox(std::vector<OutboxTarget> targets, Clock& clock)
      : targets_(std::move(targets)), clock_(clock) {}

  /// One entry for each target that takes the alert.
  void Add(const alert::Alert& alert);

  Result<std::vector<OutboxEntry>> Claim(const ClaimRequest& request) override;
  Status Delivered(const OutboxEntry& entry) override;
  Status RetryAt(const OutboxEntry& entry, Timestamp at, std::string_view error) override;
  Status DeadLetter(const OutboxEntry& entry, std::string_view reason) override;
  Result<std::vector<DeadEntry>> ListDead(const DeadQuery& query) override;
  Result<std::uint64_t> Replay(std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> ReplayChannel(std::string_view channel) override;
  Result<std::uint64_t> Discard(std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> ForgetDead(Timestamp before, std::uint64_t keep) override;
  Result<std::vector<OutboxNumbers>> Numbers() override;

 private:
  struct Item {
    OutboxEntry entry;
    Timestamp due_at;
    std::optional<Timestamp> dead_at = {};
  };
  using Items = std::map<std::uint64_t, Item>;

  [[nodiscard]] Timestamp Now() const;
  /// The item that a worker holds; null if it holds it no more.
  Item* Held(const OutboxEntry& entry);
  void MakeDue(Item& item) const;

  const std::vector<OutboxTarget> targets_;
  Clock& clock_;
  std::mutex mutex_;
  Items items_;
  std::uint64_t last_id_ = 0;
};

}  // namespace auditflow::store
