#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

#include <algorithm>
#include <utility>

#include "src/rabbitmq/io_thread.hpp"
#include "src/rabbitmq/publish_session.hpp"
#include "src/rabbitmq/validate.hpp"

namespace auditflow::rabbitmq {
namespace {

constexpr Duration kLongest = std::chrono::hours(24 * 365);

}  // namespace

struct RabbitMqPublisher::Impl {
  Impl(PublisherOptions publisher_options, Clock& the_clock)
      : options(std::move(publisher_options)),
        clock(the_clock),
        session(options, clock),
        io(options.connection, session, clock) {}

  [[nodiscard]] Duration DeadlineAfter(Duration timeout) const {
    return clock.Monotonic() + std::clamp(timeout, Duration::zero(), kLongest);
  }
  /// Why a batch was not confirmed in time.
  [[nodiscard]] Status WhyNot() const;

  const PublisherOptions options;
  Clock& clock;
  PublishSession session;
  IoThread io;
};

Status RabbitMqPublisher::Impl::WhyNot() const {
  const ConnectionHealth health = io.Health();
  const std::string queue = "queue " + options.queue + ": ";
  if (session.closed()) return Cancelled(queue + "the publisher was shut down");
  if (!health.up()) return Unavailable(queue + health.reason);
  return health.blocked ? ResourceExhausted(queue + health.reason) : Status();
}

RabbitMqPublisher::RabbitMqPublisher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<RabbitMqPublisher>> RabbitMqPublisher::Create(PublisherOptions options,
                                                                     Clock& clock) {
  Status valid = Validate(options);
  if (!valid.ok()) return Error(std::move(valid));
  auto impl = std::make_unique<Impl>(std::move(options), clock);
  impl->io.Start();
  return std::unique_ptr<RabbitMqPublisher>(new RabbitMqPublisher(std::move(impl)));
}

RabbitMqPublisher::~RabbitMqPublisher() {
  [[maybe_unused]] const Status left = Shutdown(Duration::zero());
}

Status RabbitMqPublisher::Publish(std::span<const broker::Message> messages, Duration timeout) {
  return PublishQueued(messages, timeout, [] {});
}

Status RabbitMqPublisher::PublishQueued(std::span<const broker::Message> messages, Duration timeout,
                                        const std::function<void()>& queued) {
  for (const broker::Message& message : messages) {
    Status valid = Validate(message, impl_->options.max_body_bytes);
    if (!valid.ok()) return valid;
  }
  if (messages.empty()) return {};
  const Duration deadline = impl_->DeadlineAfter(timeout);
  const auto batch = std::make_shared<Batch>();
  batch->messages.assign(messages.begin(), messages.end());
  const std::string queue = "queue " + impl_->options.queue + ": ";
  if (!impl_->session.Enqueue(batch, deadline)) {
    Status why = impl_->WhyNot();
    return why.ok() ? ResourceExhausted(queue + "too many messages wait for confirms") : why;
  }
  queued();
  impl_->io.Wake();
  const PublishSession::Verdict verdict = impl_->session.Await(*batch, deadline);
  if (verdict == PublishSession::Verdict::kSettled) return batch->failure;
  Status why = impl_->WhyNot();
  if (!why.ok()) return why;
  return verdict == PublishSession::Verdict::kRefused
             ? ResourceExhausted(queue + "the broker refuses messages")
             : DeadlineExceeded(queue + "no confirm in time");
}

ConnectionHealth RabbitMqPublisher::Health() const { return impl_->io.Health(); }

RabbitMqPublisher::Statistics RabbitMqPublisher::GetStatistics() const {
  Statistics statistics = impl_->session.GetStatistics();
  statistics.blocked = impl_->io.BlockedFor();
  return statistics;
}

Status RabbitMqPublisher::WaitUntilReady(Duration timeout) {
  return impl_->io.WaitUntilReady(timeout);
}

Status RabbitMqPublisher::Shutdown(Duration deadline) {
  const std::size_t left = impl_->session.Drain(impl_->DeadlineAfter(deadline));
  impl_->io.Stop();
  impl_->session.Cancel();
  return left == 0 ? Status()
                   : DeadlineExceeded("queue " + impl_->options.queue + ": " +
                                      std::to_string(left) + " messages were given up");
}

}  // namespace auditflow::rabbitmq
