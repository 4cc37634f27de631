#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

#include "src/rabbitmq/consume_session.hpp"
#include "src/rabbitmq/dead_letter.hpp"
#include "src/rabbitmq/io_thread.hpp"
#include "src/rabbitmq/validate.hpp"

namespace auditflow::rabbitmq {
namespace {

constexpr Duration kLongest = std::chrono::hours(24 * 365);

PublisherOptions DeadLetterPublisher(const ConsumerOptions& consumer) {
  PublisherOptions options;
  options.connection = consumer.connection;
  options.connection.name += " dead letters";
  options.connection.name.resize(std::min<std::size_t>(options.connection.name.size(), 255));
  options.queue = consumer.queue + consumer.topology.dead_letter_suffix;
  options.topology = DeadLetterTopology(consumer.topology);
  // What came in goes out.
  options.max_body_bytes = std::numeric_limits<std::size_t>::max();
  return options;
}

}  // namespace

struct RabbitMqConsumer::Impl {
  Impl(ConsumerOptions consumer_options, Clock& the_clock)
      : options(std::move(consumer_options)),
        clock(the_clock),
        session(options, clock),
        io(options.connection, session, clock) {}

  Status Settle(const Result<ConsumeSession::Wanted>& settled);
  void WakeIf(ConsumeSession::Wanted wanted) {
    if (wanted == ConsumeSession::Wanted::kYes) io.Wake();
  }
  Status DeadLetter(std::uint64_t tag, std::string_view reason);
  Result<RabbitMqPublisher*> DeadLetters();
  /// Takes those out of it that were delivered too often.
  void DeadLetterExcess(std::vector<broker::Delivery>& deliveries);
  void Shutdown();

  const ConsumerOptions options;
  Clock& clock;
  ConsumeSession session;
  IoThread io;
  std::mutex dead_letters_mutex;
  std::unique_ptr<RabbitMqPublisher> dead_letters;  ///< made for the first of them
};

Status RabbitMqConsumer::Impl::Settle(const Result<ConsumeSession::Wanted>& settled) {
  if (!settled) return settled.error();
  WakeIf(*settled);
  return {};
}

Result<RabbitMqPublisher*> RabbitMqConsumer::Impl::DeadLetters() {
  const std::lock_guard lock(dead_letters_mutex);
  if (session.cancelled()) return Error(Cancelled("the consumer was shut down"));
  if (options.topology.dead_letter_suffix.empty()) {
    return Error(FailedPrecondition("queue " + options.queue + " has no dead-letter queue"));
  }
  if (dead_letters == nullptr) {
    auto made = RabbitMqPublisher::Create(DeadLetterPublisher(options), clock);
    if (!made) return Error(made.error());
    dead_letters = std::move(*made);
  }
  return dead_letters.get();
}

Status RabbitMqConsumer::Impl::DeadLetter(std::uint64_t tag, std::string_view reason) {
  auto reserved = session.Reserve(tag);
  if (!reserved) return reserved.error();
  if (!*reserved) return {};
  Result<RabbitMqPublisher*> publisher = DeadLetters();
  if (!publisher) {
    WakeIf(session.Release(tag, false));
    return publisher.error();
  }
  DeliveryLedger::Kept& kept = **reserved;
  const broker::Message message =
      MakeDeadLetter(std::move(kept.message), options.queue, kept.attempts, reason);
  Status published = (*publisher)->Publish({&message, 1}, options.dead_letter_timeout);
  WakeIf(session.Release(tag, published.ok()));
  if (published.ok()) return published;
  // Whoever gave it up is done with it: nobody would ever settle it.
  [[maybe_unused]] const Status requeued = Settle(session.Requeue({&tag, 1}));
  return published;
}

void RabbitMqConsumer::Impl::DeadLetterExcess(std::vector<broker::Delivery>& deliveries) {
  if (options.max_attempts == 0 || options.topology.dead_letter_suffix.empty()) return;
  std::erase_if(deliveries, [this](const broker::Delivery& delivery) {
    if (delivery.attempts <= options.max_attempts) return false;
    const std::string reason = "delivered " + std::to_string(delivery.attempts - 1) +
                               " times and never settled, the limit is " +
                               std::to_string(options.max_attempts);
    if (DeadLetter(delivery.tag, reason).ok()) session.CountTooManyAttempts();
    return true;
  });
}

void RabbitMqConsumer::Impl::Shutdown() {
  session.Cancel();
  {
    // Kept until the consumer goes: another thread may stand in its Publish, which this ends.
    const std::lock_guard lock(dead_letters_mutex);
    if (dead_letters != nullptr) {
      [[maybe_unused]] const Status given_up = dead_letters->Shutdown(Duration::zero());
    }
  }
  io.Stop();
}

RabbitMqConsumer::RabbitMqConsumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<RabbitMqConsumer>> RabbitMqConsumer::Create(ConsumerOptions options,
                                                                   Clock& clock) {
  Status valid = Validate(options);
  if (!valid.ok()) return Error(std::move(valid));
  auto impl = std::make_unique<Impl>(std::move(options), clock);
  impl->io.Start();
  return std::unique_ptr<RabbitMqConsumer>(new RabbitMqConsumer(std::move(impl)));
}

RabbitMqConsumer::~RabbitMqConsumer() { impl_->Shutdown(); }

Result<std::vector<broker::Delivery>> RabbitMqConsumer::Receive(std::size_t max, Duration wait) {
  const Duration deadline = impl_->clock.Monotonic() + std::clamp(wait, Duration::zero(), kLongest);
  while (true) {
    Result<std::vector<broker::Delivery>> deliveries = impl_->session.Take(max, deadline);
    if (!deliveries) return deliveries;
    const bool nothing_came = deliveries->empty();
    impl_->DeadLetterExcess(*deliveries);
    if (!deliveries->empty() || max == 0) return deliveries;
    if (!nothing_came && impl_->clock.Monotonic() < deadline) continue;
    const ConnectionHealth health = impl_->io.Health();
    if (health.up()) return deliveries;
    return Error(Unavailable("queue " + impl_->options.queue + ": " + health.reason));
  }
}

Status RabbitMqConsumer::Ack(std::span<const std::uint64_t> tags) {
  return impl_->Settle(impl_->session.Ack(tags));
}

Status RabbitMqConsumer::Requeue(std::span<const std::uint64_t> tags) {
  return impl_->Settle(impl_->session.Requeue(tags));
}

Status RabbitMqConsumer::DeadLetter(std::uint64_t tag, std::string_view reason) {
  return impl_->DeadLetter(tag, reason);
}

void RabbitMqConsumer::Shutdown() { impl_->Shutdown(); }

ConnectionHealth RabbitMqConsumer::Health() const { return impl_->io.Health(); }

RabbitMqConsumer::Statistics RabbitMqConsumer::GetStatistics() const {
  return impl_->session.GetStatistics();
}

Status RabbitMqConsumer::WaitUntilReady(Duration timeout) {
  return impl_->io.WaitUntilReady(timeout);
}

}  // namespace auditflow::rabbitmq
