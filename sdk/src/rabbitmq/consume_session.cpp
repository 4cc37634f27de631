#include "src/rabbitmq/consume_session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace auditflow::rabbitmq {
namespace {

constexpr std::size_t kRememberedAttempts = 10'000;
/// So many within `kLongestGathering` are a stream. What comes of one is read together and handed
/// on in batches that are worth one: each costs wake-ups here, round trips to a window store, and a
/// message to the broker for what may be one alert.
constexpr std::size_t kStream = 16;
constexpr Duration kBetweenLooks = std::chrono::milliseconds(2);
constexpr Duration kLongestGathering = std::chrono::milliseconds(10);
constexpr std::size_t kWorthwhile = 512;
/// An acknowledgement behind an unsettled delivery goes out alone after this.
constexpr Duration kLongestHeld = std::chrono::seconds(1);

std::uint32_t Saturate(std::uint64_t count) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
}

}  // namespace

ConsumeSession::ConsumeSession(const ConsumerOptions& options, Clock& clock)
    : options_(options),
      clock_(clock),
      topology_(MakeTopology(options.queue, options.topology, Role::kConsumer)),
      memory_(kRememberedAttempts) {}

Result<std::vector<broker::Delivery>> ConsumeSession::Take(std::size_t max, Duration deadline) {
  std::unique_lock lock(mutex_);
  if (max > 0) {
    changed_.wait_for(lock, deadline - clock_.Monotonic(), [this] { return cancelled_ || ripe_; });
  }
  if (cancelled_) return Error(Cancelled("the consumer was shut down"));
  std::vector<broker::Delivery> deliveries = TakeFromInbox(max);
  ripe_ = ripe_ && !inbox_.empty();
  ledger_.HandOut(deliveries.size());
  return deliveries;
}

std::vector<broker::Delivery> ConsumeSession::TakeFromInbox(std::size_t max) {
  std::size_t bytes = 0;
  auto end = inbox_.begin();
  for (; end != inbox_.end() && max > 0; ++end, --max) {
    bytes += end->message.body.size();
    if (bytes > broker::kMostBytesTogether && end != inbox_.begin()) break;
  }
  if (end == inbox_.end()) return std::exchange(inbox_, {});
  std::vector<broker::Delivery> deliveries(std::make_move_iterator(inbox_.begin()),
                                           std::make_move_iterator(end));
  inbox_.erase(inbox_.begin(), end);
  return deliveries;
}

bool ConsumeSession::ready() const {
  const std::lock_guard lock(mutex_);
  return cancelled_ || ripe_;
}

Status ConsumeSession::CheckGiven(std::span<const std::uint64_t> tags) const {
  for (const std::uint64_t tag : tags) {
    if (ledger_.Look(tag) != DeliveryLedger::Standing::kNeverGiven) continue;
    return InvalidArgument("tag " + std::to_string(tag) + ": never delivered by this consumer");
  }
  return {};
}

Result<ConsumeSession::Wanted> ConsumeSession::Ack(std::span<const std::uint64_t> tags) {
  const std::lock_guard lock(mutex_);
  Status given = CheckGiven(tags);
  if (!given.ok()) return Error(std::move(given));
  const std::size_t before = ledger_.pending();
  for (const std::uint64_t tag : tags) {
    if (ledger_.Look(tag) != DeliveryLedger::Standing::kUnsettled) continue;
    if (ledger_.At(tag).attempts > 1) memory_.Forget(ledger_.At(tag).message);
    ledger_.Acknowledge(tag);
    ++statistics_.acknowledged;
  }
  return OnAcknowledged(before);
}

ConsumeSession::Wanted ConsumeSession::OnAcknowledged(std::size_t before) {
  const std::size_t added = ledger_.pending() - before;
  const bool first = before == 0 && added > 0;
  if (first) {
    pending_since_ = clock_.Monotonic();
    next_flush_ = pending_since_ + options_.ack_interval;
  }
  const bool was_due = acked_since_flush_ >= options_.ack_batch;
  acked_since_flush_ += added;
  const bool due = acked_since_flush_ >= options_.ack_batch;
  return first || (due && !was_due) ? Wanted::kYes : Wanted::kNo;
}

Result<ConsumeSession::Wanted> ConsumeSession::Requeue(std::span<const std::uint64_t> tags) {
  const std::lock_guard lock(mutex_);
  Status given = CheckGiven(tags);
  if (!given.ok()) return Error(std::move(given));
  for (const std::uint64_t tag : tags) {
    if (ledger_.Look(tag) != DeliveryLedger::Standing::kUnsettled) continue;
    memory_.Remember(ledger_.At(tag).message, ledger_.At(tag).attempts);
    requeues_.push_back(ledger_.Requeue(tag));
    ++statistics_.requeued;
  }
  return requeues_.empty() ? Wanted::kNo : Wanted::kYes;
}

Result<std::optional<DeliveryLedger::Kept>> ConsumeSession::Reserve(std::uint64_t tag) {
  const std::lock_guard lock(mutex_);
  Status given = CheckGiven({&tag, 1});
  if (!given.ok()) return Error(std::move(given));
  if (ledger_.Look(tag) != DeliveryLedger::Standing::kUnsettled) return std::nullopt;
  ledger_.Reserve(tag);
  return ledger_.At(tag);
}

ConsumeSession::Wanted ConsumeSession::Release(std::uint64_t tag, bool dead_lettered) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = ledger_.pending();
  ledger_.Release(tag, dead_lettered);
  if (dead_lettered) ++statistics_.dead_lettered;
  return OnAcknowledged(before);
}

void ConsumeSession::CountTooManyAttempts() {
  const std::lock_guard lock(mutex_);
  ++statistics_.too_many_attempts;
}

void ConsumeSession::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool ConsumeSession::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

RabbitMqConsumer::Statistics ConsumeSession::GetStatistics() const {
  const std::lock_guard lock(mutex_);
  RabbitMqConsumer::Statistics statistics = statistics_;
  statistics.unsettled = ledger_.unsettled();
  return statistics;
}

std::vector<std::string> ConsumeSession::ConsumedQueues() const {
  if (options_.own_partitions.empty()) return topology_.holding;
  std::vector<std::string> queues;
  for (const std::uint32_t partition : options_.own_partitions) {
    queues.push_back(topology_.holding[partition]);
  }
  return queues;
}

Status ConsumeSession::Begin(AmqpConnection& connection) {
  const std::vector<std::string> queues = ConsumedQueues();
  Status status = connection.Declare(topology_, !options_.topology.declare);
  if (status.ok()) {
    // The limit holds for each consumer.
    const std::size_t share = std::max<std::size_t>(1, options_.prefetch / queues.size());
    status = connection.SetPrefetch(static_cast<std::uint16_t>(share));
  }
  for (auto queue = queues.begin(); status.ok() && queue != queues.end(); ++queue) {
    status = connection.Consume(*queue);
  }
  return status;
}

Status ConsumeSession::Handle(AmqpEvent event) {
  if (std::holds_alternative<ConsumerCancelled>(event)) {
    const std::lock_guard lock(mutex_);
    ++statistics_.cancelled;
    return Unavailable("the broker ended the consumer: queue " + options_.queue +
                       " was deleted or moved");
  }
  auto* delivered = std::get_if<Delivered>(&event);
  if (delivered == nullptr) return {};
  arrived_.push_back(
      {.delivery = {.message = std::move(delivered->message),
                    .redelivered = delivered->redelivered},
       .broker_tag = delivered->broker_tag,
       .delivered_before = delivered->delivered_before.value_or(delivered->redelivered ? 1 : 0)});
  return {};
}

Status ConsumeSession::AdmitArrived() {
  for (Arrived& arrived : arrived_) {
    if (arrived.broker_tag != ledger_.NextBrokerTag()) {
      return Unavailable("the broker's delivery tags do not follow each other");
    }
    std::uint64_t before = arrived.delivered_before;
    if (arrived.delivery.redelivered) {
      before = std::max<std::uint64_t>(before, memory_.Recall(arrived.delivery.message));
      ++statistics_.redelivered;
    }
    ++statistics_.delivered;
    arrived.delivery.attempts = Saturate(before + 1);
    arrived.delivery.tag = ledger_.Add(arrived.delivery.message, arrived.delivery.attempts);
    inbox_.push_back(std::move(arrived.delivery));
  }
  return {};
}

Status ConsumeSession::Work(AmqpConnection& connection, bool /*blocked*/) {
  std::vector<std::uint64_t> requeues;
  std::vector<AckFrame> acks;
  Status admitted;
  {
    const std::lock_guard lock(mutex_);
    const Duration now = clock_.Monotonic();
    if (inbox_.empty()) gathering_since_ = now;
    admitted = AdmitArrived();
    if (IsRipe(now)) HandOn();
    requeues.swap(requeues_);
    acks = TakeDueAcks(now);
    statistics_.ack_frames += acks.size();
  }
  arrived_lately_ += arrived_.size();
  arrived_.clear();
  return admitted.ok() ? SendSettled(connection, requeues, acks) : admitted;
}

std::vector<AckFrame> ConsumeSession::TakeDueAcks(Duration now) {
  if (ledger_.pending() == 0) return {};
  if (acked_since_flush_ < options_.ack_batch && now < next_flush_) return {};
  acked_since_flush_ = 0;
  next_flush_ = now + options_.ack_interval;
  // One slow delivery must not keep the broker from sending further ones.
  const bool held_up = ledger_.pending() >= std::max<std::size_t>(1, options_.prefetch / 2) ||
                       now - pending_since_ >= kLongestHeld;
  std::vector<AckFrame> acks = ledger_.TakePrefix();
  if (!held_up || ledger_.pending() == 0) return acks;
  const std::vector<AckFrame> rest = ledger_.TakeAll();
  acks.insert(acks.end(), rest.begin(), rest.end());
  return acks;
}

Status ConsumeSession::SendSettled(AmqpConnection& connection,
                                   const std::vector<std::uint64_t>& requeues,
                                   const std::vector<AckFrame>& acks) {
  Status status;
  // First these: an acknowledgement of several would take them along.
  for (auto tag = requeues.begin(); status.ok() && tag != requeues.end(); ++tag) {
    status = connection.Requeue(*tag);
  }
  for (auto ack = acks.begin(); status.ok() && ack != acks.end(); ++ack) {
    status = connection.Ack(ack->broker_tag, ack->multiple);
  }
  return status;
}

std::optional<Duration> ConsumeSession::UntilWork(bool /*blocked*/) {
  const std::lock_guard lock(mutex_);
  if (!requeues_.empty()) return Duration::zero();
  if (ledger_.pending() == 0) return std::nullopt;
  if (acked_since_flush_ >= options_.ack_batch) return Duration::zero();
  return std::max(Duration::zero(), next_flush_ - clock_.Monotonic());
}

Duration ConsumeSession::Gathering() {
  const std::lock_guard lock(mutex_);
  const Duration now = clock_.Monotonic();
  // Each look may find few: an acknowledgement calls for one between two looks of a stream, and
  // what trickles in so fast that it is one is looked for each time.
  if (arrived_lately_ >= kStream || now - counted_since_ >= kLongestGathering) {
    streaming_ = std::exchange(arrived_lately_, 0) >= kStream;
    counted_since_ = now;
  }
  if (streaming_ && HasRoom()) return kBetweenLooks;
  // The next look may be long in coming.
  HandOn();
  return Duration::zero();
}

/// Whether the broker can go on while what it sent is kept back.
bool ConsumeSession::HasRoom() const { return ledger_.unsettled() < options_.prefetch * 3U / 4U; }

bool ConsumeSession::IsRipe(Duration now) const {
  return !streaming_ || inbox_.size() >= kWorthwhile || !HasRoom() ||
         now - gathering_since_ >= kLongestGathering;
}

void ConsumeSession::HandOn() {
  if (inbox_.empty()) return;
  ripe_ = true;
  changed_.notify_all();
}

void ConsumeSession::Finish(AmqpConnection& connection) {
  std::vector<std::uint64_t> requeues;
  std::vector<AckFrame> acks;
  {
    const std::lock_guard lock(mutex_);
    requeues.swap(requeues_);
    acks = ledger_.TakeAll();
    statistics_.ack_frames += acks.size();
  }
  // If it fails the broker delivers them again.
  [[maybe_unused]] const Status sent = SendSettled(connection, requeues, acks);
}

void ConsumeSession::End() {
  arrived_.clear();
  const std::lock_guard lock(mutex_);
  for (const DeliveryLedger::Kept& lost : ledger_.NewChannel()) {
    memory_.Remember(lost.message, lost.attempts);
  }
  inbox_.clear();
  ripe_ = false;
  streaming_ = false;
  requeues_.clear();
  acked_since_flush_ = 0;
}

}  // namespace auditflow::rabbitmq
