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
  /// Hands the messages to the I/O thread; OK if there are none.
  Status Send(const std::shared_ptr<Batch>& batch, Duration deadline);
  /// The outcome of what was sent.
  Status Await(Batch& batch, Duration deadline);
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

Status RabbitMqPublisher::Impl::Send(const std::shared_ptr<Batch>& batch, Duration deadline) {
  for (const broker::Message& message : batch->messages) {
    Status valid = Validate(message, options.max_body_bytes);
    if (!valid.ok()) return valid;
  }
  if (batch->messages.empty()) return {};
  if (!session.Enqueue(batch, deadline)) {
    Status why = WhyNot();
    return why.ok() ? ResourceExhausted("queue " + options.queue +
                                        ": too many messages wait for confirms")
                    : why;
  }
  io.Wake();
  return {};
}

Status RabbitMqPublisher::Impl::Await(Batch& batch, Duration deadline) {
  const PublishSession::Verdict verdict = session.Await(batch, deadline);
  if (verdict == PublishSession::Verdict::kSettled) return batch.failure;
  Status why = WhyNot();
  if (!why.ok()) return why;
  const std::string queue = "queue " + options.queue + ": ";
  return verdict == PublishSession::Verdict::kRefused
             ? ResourceExhausted(queue + "the broker refuses messages")
             : DeadlineExceeded(queue + "no confirm in time");
}

/// A batch that is with the I/O thread.
class RabbitMqPublisher::Sent final : public broker::PendingPublish {
 public:
  Sent(Impl& impl, std::vector<broker::Message> messages, Duration deadline)
      : impl_(impl), batch_(std::make_shared<Batch>()), deadline_(deadline) {
    batch_->messages = std::move(messages);
    sent_ = impl_.Send(batch_, deadline_);
  }
  ~Sent() override {
    if (sent_.ok() && !awaited_)
      impl_.session.Await(*batch_, impl_.DeadlineAfter(Duration::zero()));
  }

  Status Wait() override {
    awaited_ = true;
    return sent_.ok() ? impl_.Await(*batch_, deadline_) : sent_;
  }

 private:
  Impl& impl_;
  const std::shared_ptr<Batch> batch_;
  const Duration deadline_;
  Status sent_;
  bool awaited_ = false;
};

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
  const Duration deadline = impl_->DeadlineAfter(timeout);
  const auto batch = std::make_shared<Batch>();
  batch->messages.assign(messages.begin(), messages.end());
  if (Status sent = impl_->Send(batch, deadline); !sent.ok()) return sent;
  if (!messages.empty()) queued();
  return impl_->Await(*batch, deadline);
}

std::unique_ptr<broker::PendingPublish> RabbitMqPublisher::Start(
    std::vector<broker::Message> messages, Duration timeout) {
  return std::make_unique<Sent>(*impl_, std::move(messages), impl_->DeadlineAfter(timeout));
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
