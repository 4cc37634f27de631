#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/correlate/window_group.hpp"

#include "src/core/byte_codec.hpp"
#include "src/redis/connection.hpp"

namespace auditflow::redis {

/// What a group's log consists of, as bytes: who appended it, and an update, a release (and when it
/// was made), or the numbers of earlier releases whose firings have been dealt with.
std::string EncodeUpdateEntry(std::uint64_t owner, const correlate::WindowUpdate& update);
std::string EncodeReleaseEntry(std::uint64_t owner, Timestamp cutoff, Timestamp now);
std::string EncodeSettledEntry(std::uint64_t owner, std::span<const std::int64_t> releases);

/// How many of one's own updates came to what.
struct OwnOutcomes {
  std::uint64_t applied = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
};

/// This process's copy of a group: the state after the first `version` entries of its log.
///
/// Thread safety: thread-compatible.
class GroupReplica {
 public:
  GroupReplica(std::shared_ptr<const correlate::WindowRule> rule, std::uint64_t owner);

  /// Takes what the append script returned and what it appended, in that order.
  /// @param own entries that it appended.
  /// @param firings one list per entry of `own`; those of one's own earlier entries whose reply was
  /// lost go to `recovered`.
  /// @return kDataLoss if Redis holds what nobody of us wrote; the replica is then empty.
  Status Absorb(const Reply& reply, const std::vector<std::string>& own,
                std::vector<std::vector<correlate::Firing>>& firings,
                std::vector<correlate::Firing>& recovered, OwnOutcomes& outcomes);

  [[nodiscard]] const std::string& generation() const { return generation_; }
  [[nodiscard]] std::int64_t version() const { return version_; }
  /// Whether the last reply said that the group was not there although this copy had seen it.
  [[nodiscard]] bool lost() const { return lost_; }
  /// Whether the log has become long for what the state holds.
  [[nodiscard]] bool WantsSnapshot() const;
  [[nodiscard]] std::string Snapshot() const;
  void SnapshotTaken() { base_ = version_; }

  [[nodiscard]] std::size_t pending() const { return group_.pending(); }
  [[nodiscard]] Timestamp FirstArrival() const { return group_.FirstArrival(); }
  std::uint64_t TakeDropped() { return group_.TakeDropped(); }

  /// What a release has fired is kept until its program says that it is dealt with.
  [[nodiscard]] bool unsettled() const { return !unsettled_.empty(); }
  /// Requires that something is unsettled.
  [[nodiscard]] Timestamp FirstUnsettled() const { return unsettled_.front().released_at; }
  /// The firings of releases made before `cutoff` whose programs have not settled them since, if
  /// this process has not had them yet.
  std::vector<correlate::Firing> TakeOver(Timestamp cutoff);
  /// The numbers, in the log, of the releases whose firings this process was given since the last
  /// call.
  std::vector<std::int64_t> TakeReturned() { return std::exchange(returned_, {}); }

 private:
  /// A firing and the update that caused it, for the case that its program died before it reported.
  struct Remembered {
    Uuid cause;
    std::uint32_t origin = 0;
    correlate::Firing firing;
    bool reported = false;  ///< by this process
  };

  struct Unsettled {
    std::int64_t entry = 0;  ///< number of the release in the log
    Timestamp released_at;   ///< by the clock of the program that released it
    correlate::Firing firing;
    bool returned = false;  ///< to this process
  };

  Status Adopt(const Reply& reply);
  Status Restore(std::string_view snapshot);
  Status Play(std::string_view entry, std::vector<correlate::Firing>& own_firings,
              OwnOutcomes& outcomes);
  Status PlayRelease(ByteReader in, bool own, std::vector<correlate::Firing>& own_firings);
  Status PlaySettled(ByteReader in);
  Status PlayUpdate(std::string_view bytes, bool own, std::vector<correlate::Firing>& own_firings,
                    OwnOutcomes& outcomes);
  void Report(const correlate::WindowUpdate& update, std::vector<correlate::Firing>& firings);
  void Remember(const correlate::WindowUpdate& update, const correlate::Firing& firing, bool own);
  void Clear();

  std::shared_ptr<const correlate::WindowRule> rule_;
  std::uint64_t owner_;
  correlate::WindowGroup group_;
  std::deque<Remembered> remembered_;
  std::deque<Unsettled> unsettled_;
  std::vector<std::int64_t> returned_;
  std::string generation_;
  std::int64_t version_ = 0;
  std::int64_t base_ = 0;
  bool lost_ = false;
};

}  // namespace auditflow::redis
