#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "auditflow/core/status.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/store/archived_event.hpp"

namespace auditflow::pipeline {

/// A batch whose alerts are made: what is left is to publish, to archive and to acknowledge.
struct EvaluatedBatch {
  std::vector<DetectedAlert> alerts;
  std::vector<store::ArchivedEvent> events;   ///< for the archive, if there is one
  std::vector<store::LaterRule> later_rules;  ///< of events before, likewise
  std::vector<std::uint64_t> tags;            ///< of the events and of duplicates
  std::size_t duplicates = 0;                 ///< how many of these
};

/// Finishes batches in their order by a thread of its own, while the next one is evaluated. Those
/// that have gathered while others were finished become one: what takes long is to wait for the
/// broker's confirm, however many alerts it is for.
///
/// Thread safety: the public functions by one thread.
class BatchFinisher {
 public:
  /// @return kCancelled if `stop` ended a retry; then that batch and all after it stay undone.
  using Finish = std::function<Status(const EvaluatedBatch& batch, const std::stop_token& stop)>;

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

 private:
  /// What is taken from the broker and not acknowledged is bounded by its prefetch; this bounds it
  /// where there is none.
  static constexpr std::size_t kMostWaiting = 8;

  void Run();
  /// All that waits, as one.
  EvaluatedBatch TakeWaiting();
  [[nodiscard]] Status Outcome() const;

  const Finish finish_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<EvaluatedBatch> waiting_;
  bool working_ = false;
  bool cancelled_ = false;
  bool closing_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace auditflow::pipeline
