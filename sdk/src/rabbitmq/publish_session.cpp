#include "src/rabbitmq/publish_session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace auditflow::rabbitmq {
namespace {

/// Sent between two looks for events: the broker may tell us to stop.
constexpr std::size_t kMessagesPerRound = 64;
constexpr std::size_t kBytesPerRound = std::size_t{256} << 10U;

}  // namespace

PublishSession::PublishSession(const PublisherOptions& options, Clock& clock)
    : options_(options),
      clock_(clock),
      topology_(MakeTopology(options.queue, options.topology, Role::kPublisher)),
      routing_keys_(options.queue, options.topology) {}

bool PublishSession::Enqueue(const std::shared_ptr<Batch>& batch, Duration deadline) {
  std::unique_lock lock(mutex_);
  const auto room = [this] { return closing_ || outstanding_ < options_.max_outstanding; };
  changed_.wait_for(lock, deadline - clock_.Monotonic(), room);
  if (closing_ || !room()) return false;
  batch->unsettled = batch->messages.size();
  outstanding_ += batch->messages.size();
  outbox_.Push(batch);
  return true;
}

PublishSession::Verdict PublishSession::Await(Batch& batch, Duration deadline) {
  std::unique_lock lock(mutex_);
  const auto done = [&] { return cancelled_ || batch.unsettled == 0; };
  changed_.wait_for(lock, deadline - clock_.Monotonic(), done);
  if (batch.unsettled == 0) return Verdict::kSettled;
  batch.abandoned = true;
  outstanding_ -= batch.unsettled;
  statistics_.abandoned += batch.unsettled;
  // The I/O thread may be without a connection for long.
  outbox_.DropAbandoned();
  changed_.notify_all();
  return batch.refused ? Verdict::kRefused : Verdict::kNoAnswer;
}

std::size_t PublishSession::Drain(Duration deadline) {
  std::unique_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, deadline - clock_.Monotonic(),
                    [this] { return cancelled_ || outstanding_ == 0; });
  return outstanding_;
}

void PublishSession::Cancel() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  cancelled_ = true;
  changed_.notify_all();
}

bool PublishSession::closed() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

RabbitMqPublisher::Statistics PublishSession::GetStatistics() const {
  const std::lock_guard lock(mutex_);
  RabbitMqPublisher::Statistics statistics = statistics_;
  if (statistics.in_flight > 0) {
    statistics.oldest_in_flight = clock_.Monotonic() - oldest_sent_at_;
  }
  return statistics;
}

Status PublishSession::Begin(AmqpConnection& connection) {
  Status declared = connection.Declare(topology_, !options_.topology.declare);
  return declared.ok() ? connection.SelectConfirms() : declared;
}

Status PublishSession::Work(AmqpConnection& connection, bool blocked) {
  ApplySettled();
  if (blocked || ledger_.size() >= options_.window) return {};
  Status declared = DeclareAgain(connection);
  if (!declared.ok()) return declared;
  std::vector<Item> items;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t room = options_.window - ledger_.size();
    items = outbox_.Take(std::min(room, kMessagesPerRound), kBytesPerRound, clock_.Monotonic());
  }
  if (items.empty()) return {};
  Status status;
  std::size_t sent = 0;
  std::size_t repeated = 0;
  {
    const AmqpConnection::Burst burst(connection);
    while (status.ok() && sent < items.size()) {
      repeated += items[sent].sent_before ? 1 : 0;
      status = Send(connection, std::move(items[sent++]));
    }
  }
  const std::lock_guard lock(mutex_);
  outbox_.PushFront({std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(sent)),
                     std::make_move_iterator(items.end())});
  statistics_.published += sent;
  statistics_.republished += repeated;
  statistics_.in_flight = ledger_.size();
  oldest_sent_at_ = ledger_.OldestSentAt();
  return status;
}

Status PublishSession::DeclareAgain(AmqpConnection& connection) {
  if (!std::exchange(declare_again_, false)) return {};
  return connection.Declare(topology_, /*passive=*/false);
}

Status PublishSession::Send(AmqpConnection& connection, Item item) {
  const std::shared_ptr<Batch> batch = item.batch;
  const broker::Message& message = item.message();
  item.sent_before = true;
  // Before it is sent: if that fails half-way the message is to be sent again.
  ledger_.Add(std::move(item), clock_.Monotonic());
  return connection.Publish(topology_.exchange, routing_keys_.Of(message), message);
}

Status PublishSession::Handle(AmqpEvent event) {
  if (const auto* confirmed = std::get_if<Confirmed>(&event)) {
    auto settled = ledger_.Settle(confirmed->tag, confirmed->multiple, confirmed->positive);
    std::move(settled.begin(), settled.end(), std::back_inserter(settled_));
  } else if (const auto* returned = std::get_if<Returned>(&event)) {
    ledger_.MarkReturned(returned->message_id);
  }
  return {};
}

void PublishSession::ApplySettled() {
  if (settled_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    const Duration now = clock_.Monotonic();
    for (Settled& settled : settled_) Apply(settled, now);
    statistics_.in_flight = ledger_.size();
    oldest_sent_at_ = ledger_.OldestSentAt();
  }
  settled_.clear();
  changed_.notify_all();
}

void PublishSession::Apply(Settled& settled, Duration now) {
  switch (settled.outcome) {
    case Outcome::kConfirmed:
      ++statistics_.confirmed;
      statistics_.confirm_time += now - settled.sent_at;
      SettleOne(*settled.item.batch);
      break;
    case Outcome::kReturned:
      ++statistics_.returned;
      ApplyReturned(settled);
      break;
    case Outcome::kRefused:
      ++statistics_.refused;
      ApplyRefused(settled, now);
      break;
  }
}

void PublishSession::ApplyReturned(Settled& settled) {
  Item& item = settled.item;
  // Somebody deleted the queue, and we are to see that it is there.
  if (options_.topology.declare && !item.returned_before) {
    item.returned_before = true;
    declare_again_ = true;
    outbox_.PushRefused(std::move(item), Duration::zero());
    return;
  }
  Batch& batch = *item.batch;
  if (batch.failure.ok() && !batch.abandoned) {
    batch.failure = FailedPrecondition("message " + item.message().message_id +
                                       ": the broker has no queue for it (" + options_.queue + ")");
  }
  SettleOne(batch);
}

void PublishSession::ApplyRefused(Settled& settled, Duration now) {
  Batch& batch = *settled.item.batch;
  batch.refused = true;
  if (!batch.abandoned) outbox_.PushRefused(std::move(settled.item), now + options_.refused_retry);
}

void PublishSession::SettleOne(Batch& batch) {
  if (batch.abandoned) return;
  --batch.unsettled;
  --outstanding_;
}

std::optional<Duration> PublishSession::UntilWork(bool blocked) {
  if (blocked || ledger_.size() >= options_.window) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return outbox_.UntilDue(clock_.Monotonic());
}

void PublishSession::Finish(AmqpConnection& /*connection*/) {}

void PublishSession::End() {
  ApplySettled();
  std::vector<Item> unconfirmed = ledger_.TakeAllForResend();
  const std::lock_guard lock(mutex_);
  outbox_.PushFront(std::move(unconfirmed));
  outbox_.DropAbandoned();
  statistics_.in_flight = 0;
}

}  // namespace auditflow::rabbitmq
