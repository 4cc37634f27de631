#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "auditflow/correlate/window_group.hpp"
#include "auditflow/correlate/window_store.hpp"

#include "src/redis/client.hpp"
#include "src/redis/group_cache.hpp"

namespace auditflow::redis {

/// Thread safety: thread-safe; calls take turns.
class RedisWindowStore final : public correlate::WindowStore {
 public:
  RedisWindowStore(std::shared_ptr<Client> client, std::vector<correlate::WindowSpec> specs,
                   Duration allowed_lateness, const correlate::WindowLimits& limits);

  Result<std::vector<correlate::Firing>> Apply(
      std::span<const correlate::WindowUpdate> updates) override;
  Result<std::vector<correlate::Firing>> Release(Timestamp now) override;
  void Settle() override;
  [[nodiscard]] correlate::WindowStatistics Statistics() const override;

 private:
  struct Rule {
    std::shared_ptr<const correlate::WindowRule> rule;
    std::string name;  // in keys
    Duration keep{0};
  };
  /// What one call does to one group.
  struct Work {
    GroupName name;
    std::vector<std::size_t> places;   // in the caller's list of firings
    std::vector<std::string> entries;  // one per place
    Timestamp arrival;                 // the earliest
  };
  /// Releases of one group, by their numbers in one generation of its log.
  struct Releases {
    GroupName name;
    std::string generation;
    std::vector<std::int64_t> entries;
  };
  using Slots = std::vector<std::vector<correlate::Firing>>;

  [[nodiscard]] Status Check(std::size_t index, const correlate::WindowUpdate& update) const;
  std::vector<Work> Distribute(std::span<const correlate::WindowUpdate> updates,
                               std::uint64_t& future) const;
  /// Appends to the groups, and takes what is new in them. `slots` get the firings; the first of
  /// them those of earlier calls whose reply was lost.
  Status Append(std::span<const Work> works, std::span<const Call> more, Slots& slots);
  void NoteRefresh(const Work& work, Duration asked_at);
  Status Absorb(const Work& work, const Reply& reply, Slots& slots);
  void AddReturned(const Work& work, GroupReplica& replica);
  Status SayWhatIsSettled();
  Result<std::vector<GroupName>> Waiting(Timestamp now);
  Status ReleaseGroups(std::span<const GroupName> names, Timestamp now, Slots& slots);
  void TakeOver(const GroupName& name, Timestamp now, std::vector<correlate::Firing>& firings);
  Status TakeOffList(std::span<const GroupName> names, Slots& slots);
  Status TakeSnapshots(std::span<const Work> works);
  Status Abandon(Status status, Slots slots);
  std::vector<correlate::Firing> Deliver(Slots slots);
  Status Discard(const Work& work, const Status& status);
  [[nodiscard]] Timestamp Cutoff(std::uint32_t spec, Timestamp now) const;
  [[nodiscard]] Call AppendCall(const Work& work);
  [[nodiscard]] std::vector<Call> WaitCalls(std::span<const Work> works) const;
  [[nodiscard]] Call WaitCall(const GroupName& name, Timestamp arrival) const;
  [[nodiscard]] std::string KeyOf(const GroupName& name, char part) const;
  [[nodiscard]] std::string WaitKey(std::uint32_t spec) const;

  const std::shared_ptr<Client> client_;
  const std::uint64_t owner_;
  std::vector<Rule> rules_;
  mutable std::mutex mutex_;
  GroupCache groups_;
  correlate::WindowStatistics statistics_;
  std::vector<correlate::Firing> undelivered_;  // of calls that failed
  std::vector<Releases> returned_;              // to the caller, who has not settled them yet
  bool nothing_waits_ = false;     // in any program's groups, when this one last looked
  std::vector<Releases> settled_;  // by the caller; Redis is still to know
};

}  // namespace auditflow::redis
