#include "src/pipeline/event_intake.hpp"

#include <string>
#include <utility>

#include "auditflow/observe/logging.hpp"

#include "src/core/seeded_hash.hpp"

namespace auditflow::pipeline {
namespace {

/// An event keeps memory of several times its largest text, and each place of a batch may have had
/// a large one.
constexpr std::size_t kLargeBody = std::size_t{8} << 10U;

}  // namespace

EventIntake::EventIntake(broker::Consumer& events, observe::Ledger& ledger,
                         const AnalyzerOptions& options)
    : events_(events),
      ledger_(ledger),
      identity_(options.identity),
      parser_(options.limits),
      finished_(options.remembered_events) {}

void EventIntake::Take(const std::vector<broker::Delivery>& deliveries) {
  inputs_.clear();
  fresh_tags_.clear();
  duplicate_tags_.clear();
  hashes_.clear();
  batch_ids_.Clear();
  if (std::exchange(large_, false)) {
    parsed_.clear();
    read_ = event::Event();
  }
  while (parsed_.size() < deliveries.size()) parsed_.emplace_back();
  for (const broker::Delivery& delivery : deliveries) TakeOne(delivery);
}

void EventIntake::TakeOne(const broker::Delivery& delivery) {
  large_ = large_ || delivery.message.body.size() > kLargeBody;
  if (Status status = Parse(delivery.message.body, read_); !status.ok()) {
    const bool too_large = status.code() == StatusCode::kResourceExhausted;
    return Refuse(delivery, too_large ? "too_large" : "malformed", status.message());
  }
  const event::Identity identity = event::IdentityOf(read_, identity_);
  const std::uint64_t hash = SeededHash(delivery.message.body);
  const std::optional<std::uint64_t> known = HashOf(identity.id);
  if (!known) {
    batch_ids_.Put(identity.id, hash);
    hashes_.push_back(hash);
    event::Event& event = parsed_[inputs_.size()];
    event.CopyFrom(read_);
    inputs_.push_back({&event, identity});
    fresh_tags_.push_back(delivery.tag);
  } else if (*known == hash) {
    duplicate_tags_.push_back(delivery.tag);
  } else {
    // Taken for a duplicate, it would be a way to hide an event from the rules.
    Refuse(delivery, "reused_id",
           "event_id: " + identity.id.ToString() + " is that of an earlier, different event");
  }
}

/// Where it is, if what is allocated behind it can be read beyond its end.
Status EventIntake::Parse(const std::string& body, event::Event& event) {
  const bool padded = body.capacity() - body.size() >= event::EventParser::kPadding;
  return padded ? parser_.ParseInPlace(body, event) : parser_.ParseInto(body, event);
}

std::optional<std::uint64_t> EventIntake::HashOf(const Uuid& id) const {
  const auto in_batch = batch_ids_.Find(id);
  return in_batch ? in_batch : finished_.Find(id);
}

void EventIntake::Refuse(const broker::Delivery& delivery, std::string_view reason,
                         std::string_view detail) {
  const Status status = events_.DeadLetter(delivery.tag, detail);
  if (!status.ok()) return ledger_.Returned();  // the broker will deliver it again
  ledger_.DeadLettered(reason);
  observe::log::Warning("analysis", "event refused",
                        {{"reason", detail}, {"message_id", delivery.message.message_id}});
}

void EventIntake::Remember() {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    finished_.Add(inputs_[i].identity.id, hashes_[i]);
  }
}

std::vector<std::uint64_t> EventIntake::tags() const {
  std::vector<std::uint64_t> tags = fresh_tags_;
  tags.insert(tags.end(), duplicate_tags_.begin(), duplicate_tags_.end());
  return tags;
}

}  // namespace auditflow::pipeline
