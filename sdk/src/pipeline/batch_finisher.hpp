#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/store/archived_event.hpp"

namespace auditflow::pipeline {

/// A batch whose alerts are made: what is left is to publish, to archive and to acknowledge.
struct EvaluatedBatch {
  std::vector<DetectedAlert> alerts;
  std::unique_ptr<broker::PendingPublish> publishing;  ///< of these; null: not begun
  Duration published_since{0};                         ///< monotonic, if it has begun
  std::vector<store::ArchivedEvent> events;            ///< for the archive, if there is one
  std::vector<store::LaterRule> later_rules;           ///< of events before, likewise
  std::vector<std::uint64_t> tags;                     ///< of the events and of duplicates
  std::size_t duplicates = 0;                          ///< how many of these
};

/// Finishes batches in their order by a thread of its own, while the next ones are evaluated. Those
/// that have gathered while others were finished are finished together: an archive takes many
/// events as fast as few.
///
/// Thread safety: the public functions by one thread.
class BatchFinisher {
 public:
  /// @return kCancelled if `stop` ended a retry; then these and all after them count as undone.
  using Finish =
      std::function<Status(std::span<EvaluatedBatch> batches, const std::stop_token& stop)>;

  /// `stop` is what `finish` gets.
  BatchFinisher(Finish finish, std::stop_token stop);
  /// Finishes what it has; with `stop` requested what takes no retry.
  ~BatchFinisher();
  BatchFinisher(const BatchFinisher&) = delete;
  BatchFinisher& operator=(const BatchFinisher&) = delete;

  /// Takes a batch. Waits while `kMostWaiting` others wait already.
  /// @return kCancelled once a batch was left undone.
  Status Take(EvaluatedBatch batch);
  /// Waits until nothing is left to do. @return as `Take`.
  Status WaitUntilIdle();
  /// Whether nothing is left to do.
  [[nodiscard]] bool idle() const;

 private:
  /// What is taken from the broker and not acknowledged is bounded by its prefetch; this bounds it
  /// where there is none.
  static constexpr std::size_t kMostWaiting = 8;

  void Run();
  [[nodiscard]] Status Outcome() const;

  const Finish finish_;
  const std::stop_token stop_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<EvaluatedBatch> waiting_;
  bool working_ = false;
  bool cancelled_ = false;
  bool closing_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace auditflow::pipeline
