#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <amqp.h>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/rabbitmq/options.hpp"

#include "src/rabbitmq/amqp_event.hpp"
#include "src/rabbitmq/frame_reader.hpp"
#include "src/rabbitmq/topology.hpp"
#include "src/rabbitmq/watchdog.hpp"

namespace auditflow::rabbitmq {

/// One connection of librabbitmq with its channel 1. Every call into the library that may take long
/// stands under the watchdog.
///
/// After an error the object is only good for being destroyed. Thread safety: one thread.
class AmqpConnection {
 public:
  AmqpConnection(const ConnectionOptions& options, Watchdog& watchdog)
      : options_(options), watchdog_(watchdog) {}
  ~AmqpConnection();
  AmqpConnection(const AmqpConnection&) = delete;
  AmqpConnection& operator=(const AmqpConnection&) = delete;

  /// Connects, logs in and opens the channel.
  Status Open();
  /// Says good-bye to the broker, which then has taken back all deliveries.
  void Close();

  // Each waits for the broker's answer.
  /// Declares everything, or checks that it is there.
  Status Declare(const Topology& topology, bool passive);
  Status SelectConfirms();
  Status SetPrefetch(std::uint16_t count);
  Status Consume(std::string_view queue);

  // None of these waits for an answer.
  Status Publish(std::string_view exchange, std::string_view routing_key,
                 const broker::Message& message);
  /// While it lives what is published goes out in full packets: the library writes each frame by
  /// itself, and the kernel would send each message by itself.
  class Burst {
   public:
    explicit Burst(const AmqpConnection& connection);
    ~Burst();
    Burst(const Burst&) = delete;
    Burst& operator=(const Burst&) = delete;

   private:
    const int socket_;
  };
  Status Ack(std::uint64_t tag, bool multiple);
  Status Requeue(std::uint64_t tag);

  /// The next event, if there is one already. Also sends heartbeats that are due.
  Result<std::optional<AmqpEvent>> Poll();

  /// For poll(2); -1 if there is none.
  [[nodiscard]] int socket() const;
  [[nodiscard]] Duration heartbeat() const { return options_.heartbeat; }

 private:
  amqp_socket_t* NewSocket(Status& status);
  Status SetUpTls(amqp_socket_t* socket);
  Status LogIn();
  Status DeclareQueue(const QueueDeclaration& queue, bool passive);
  Status DeclareExchange(const Topology& topology, bool passive);
  /// Of the call that went before.
  [[nodiscard]] Status Reply(std::string_view what) const;
  static Status Refused(const amqp_rpc_reply_t& reply, std::string_view what, bool during_login);

  const ConnectionOptions& options_;
  Watchdog& watchdog_;
  amqp_connection_state_t state_ = nullptr;
  FrameReader reader_;
};

}  // namespace auditflow::rabbitmq
