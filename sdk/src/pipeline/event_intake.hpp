#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/broker/broker.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/detector.hpp"

#include "src/pipeline/recent_ids.hpp"

namespace auditflow::pipeline {

/// Sorts deliveries into what is to be evaluated, what was done before, and what is no event; the
/// last it moves to the dead letters.
///
/// Thread safety: thread-compatible. Consumer and ledger must outlive it.
class EventIntake {
 public:
  EventIntake(broker::Consumer& events, observe::Ledger& ledger, const AnalyzerOptions& options);

  /// The batch at hand from now on. The deliveries have to stay as they are until the next one: the
  /// events may lie in them.
  void Take(const std::vector<broker::Delivery>& deliveries);
  /// Its events are finished: they are known if they come again.
  void Remember();

  /// What is to be evaluated. Valid until the next batch.
  [[nodiscard]] const std::vector<DetectorInput>& inputs() const { return inputs_; }
  /// What is to be acknowledged: of the events, then of the duplicates.
  [[nodiscard]] std::vector<std::uint64_t> tags() const;
  [[nodiscard]] std::size_t duplicates() const { return duplicate_tags_.size(); }

 private:
  void TakeOne(const broker::Delivery& delivery);
  Status Parse(const std::string& body, event::Event& event);
  /// Of the event that had the id before; nothing if none is known.
  [[nodiscard]] std::optional<std::uint64_t> HashOf(const Uuid& id) const;
  void Refuse(const broker::Delivery& delivery, std::string_view reason, std::string_view detail);

  broker::Consumer& events_;
  observe::Ledger& ledger_;
  const event::IdentityOptions identity_;
  event::EventParser parser_;
  RecentIds finished_;
  event::Event read_;  // what the parser writes to: more memory than each of a batch should have
  // The batch at hand.
  std::deque<event::Event> parsed_;  // kept for its memory, unless one was large
  bool large_ = false;
  std::vector<DetectorInput> inputs_;
  std::vector<std::uint64_t> fresh_tags_;
  std::vector<std::uint64_t> duplicate_tags_;
  std::vector<std::uint64_t> hashes_;  // of `inputs_`, one each
  IdTable batch_ids_;                  // likewise
};

}  // namespace auditflow::pipeline
