#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/rabbitmq/options.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

#include "src/rabbitmq/confirm_ledger.hpp"
#include "src/rabbitmq/outbox.hpp"
#include "src/rabbitmq/session.hpp"
#include "src/rabbitmq/topology.hpp"

namespace auditflow::rabbitmq {

/// A publishing connection: batches in from any thread, their messages out, confirms back.
///
/// The functions of `Session` belong to the I/O thread; it alone touches the ledger. The rest is
/// thread-safe.
class PublishSession final : public Session {
 public:
  PublishSession(const PublisherOptions& options, Clock& clock);

  // Any thread.
  /// Waits until there is room for the batch and takes it. @return whether it was taken.
  bool Enqueue(const std::shared_ptr<Batch>& batch, Duration deadline);
  enum class Verdict : std::uint8_t {
    kSettled,   ///< confirmed, or its failure stands in the batch
    kRefused,   ///< given up; the broker refused some of it
    kNoAnswer,  ///< given up
  };
  /// Waits until all of the batch is settled, or gives it up.
  Verdict Await(Batch& batch, Duration deadline);
  /// No more batches. Waits for those that are there.
  /// @return how many messages were left.
  std::size_t Drain(Duration deadline);
  /// Wakes whoever waits; nothing is taken any more.
  void Cancel();
  [[nodiscard]] bool closed() const;
  RabbitMqPublisher::Statistics GetStatistics() const;

  // The I/O thread.
  Status Begin(AmqpConnection& connection) override;
  void OnStateChange() override {}
  Status Work(AmqpConnection& connection, bool blocked) override;
  Status Handle(AmqpEvent event) override;
  std::optional<Duration> UntilWork(bool blocked) override;
  void Finish(AmqpConnection& connection) override;
  void End() override;

 private:
  Status Send(AmqpConnection& connection, Item item);
  void ApplySettled();
  /// Makes good for queues that somebody deleted.
  Status DeclareAgain(AmqpConnection& connection);
  // Each of these requires the mutex.
  void Apply(Settled& settled, Duration now);
  void ApplyReturned(Settled& settled);
  void ApplyRefused(Settled& settled, Duration now);
  void SettleOne(Batch& batch);

  const PublisherOptions& options_;
  Clock& clock_;
  const Topology topology_;

  RoutingKeys routing_keys_;
  ConfirmLedger ledger_;
  std::vector<Settled> settled_;  ///< of the present look for events
  bool declare_again_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Outbox outbox_;
  std::size_t outstanding_ = 0;  ///< messages of all batches, unsettled
  bool closing_ = false;
  bool cancelled_ = false;
  RabbitMqPublisher::Statistics statistics_;
  Duration oldest_sent_at_{0};
};

}  // namespace auditflow::rabbitmq
