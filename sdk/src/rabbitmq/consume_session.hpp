#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/rabbitmq/options.hpp"
#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"

#include "src/rabbitmq/attempt_memory.hpp"
#include "src/rabbitmq/delivery_ledger.hpp"
#include "src/rabbitmq/session.hpp"
#include "src/rabbitmq/topology.hpp"

namespace auditflow::rabbitmq {

/// A consuming connection: deliveries out to any thread, their settling back in.
///
/// The functions of `Session` belong to the I/O thread. The rest is thread-safe; where it returns
/// `Wanted`, the I/O thread has to be woken if that is kYes.
class ConsumeSession final : public Session {
 public:
  enum class Wanted : bool { kNo, kYes };

  ConsumeSession(const ConsumerOptions& options, Clock& clock);

  // Any thread.
  /// Waits up to `deadline` for deliveries and hands out up to `max`, large ones fewer at a time.
  /// Those of a stream are kept back for a moment, so that many go together.
  /// @return kCancelled once shut down.
  Result<std::vector<broker::Delivery>> Take(std::size_t max, Duration deadline);
  /// Whether `Take` would not wait.
  [[nodiscard]] bool ready() const;
  Result<Wanted> Ack(std::span<const std::uint64_t> tags);
  Result<Wanted> Requeue(std::span<const std::uint64_t> tags);
  /// What the dead letter of the delivery is made of; nothing if it is settled. Until `Release`
  /// nobody else can settle it.
  Result<std::optional<DeliveryLedger::Kept>> Reserve(std::uint64_t tag);
  Wanted Release(std::uint64_t tag, bool dead_lettered);
  void CountTooManyAttempts();
  /// Nothing is handed out any more.
  void Cancel();
  [[nodiscard]] bool cancelled() const;
  [[nodiscard]] RabbitMqConsumer::Statistics GetStatistics() const;

  // The I/O thread.
  Status Begin(AmqpConnection& connection) override;
  void OnStateChange() override {}
  Status Work(AmqpConnection& connection, bool blocked) override;
  Status Handle(AmqpEvent event) override;
  std::optional<Duration> UntilWork(bool blocked) override;
  Duration Gathering() override;
  void Finish(AmqpConnection& connection) override;
  void End() override;

 private:
  [[nodiscard]] std::vector<std::string> ConsumedQueues() const;
  Status SendSettled(AmqpConnection& connection, const std::vector<std::uint64_t>& requeues,
                     const std::vector<AckFrame>& acks);
  // Each of these requires the mutex.
  std::vector<broker::Delivery> TakeFromInbox(std::size_t max);
  Status AdmitArrived();
  std::vector<AckFrame> TakeDueAcks(Duration now);
  [[nodiscard]] Status CheckGiven(std::span<const std::uint64_t> tags) const;
  Wanted OnAcknowledged(std::size_t before);
  [[nodiscard]] bool HasRoom() const;
  /// Whether what is in the inbox need not wait for more.
  [[nodiscard]] bool IsRipe(Duration now) const;
  /// Whoever takes deliveries may have those in the inbox.
  void HandOn();

  const ConsumerOptions& options_;
  Clock& clock_;
  const Topology topology_;

  struct Arrived {
    broker::Delivery delivery;
    std::uint64_t broker_tag = 0;
    std::uint64_t delivered_before = 0;
  };
  std::vector<Arrived> arrived_;    ///< of the present look for events
  std::size_t arrived_lately_ = 0;  ///< since `counted_since_`
  Duration counted_since_{0};
  bool streaming_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  DeliveryLedger ledger_;
  AttemptMemory memory_;
  std::vector<broker::Delivery> inbox_;
  bool ripe_ = false;                    ///< the inbox may be taken, until it is empty
  Duration gathering_since_{0};          ///< when it last was empty
  std::vector<std::uint64_t> requeues_;  ///< tags of the broker, to be sent
  std::size_t acked_since_flush_ = 0;
  Duration next_flush_{0};
  Duration pending_since_{0};
  bool cancelled_ = false;
  RabbitMqConsumer::Statistics statistics_;
};

}  // namespace auditflow::rabbitmq
