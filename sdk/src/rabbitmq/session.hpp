#pragma once

#include <optional>

#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

#include "src/rabbitmq/amqp_connection.hpp"
#include "src/rabbitmq/amqp_event.hpp"

namespace auditflow::rabbitmq {

/// What one kind of connection does while it stands. Called on the I/O thread only; an error ends
/// the connection.
class Session {
 public:
  virtual ~Session() = default;
  /// On a new connection, before it counts as ready.
  virtual Status Begin(AmqpConnection& connection) = 0;
  /// The state of the connection changed; whoever waits for that can look again.
  virtual void OnStateChange() = 0;
  /// Sends what is due. Called before every look for events and after the last event of a look.
  virtual Status Work(AmqpConnection& connection, bool blocked) = 0;
  /// Confirms, returns, deliveries; the rest is dealt with before.
  virtual Status Handle(AmqpEvent event) = 0;
  /// How long until `Work` has something to do, if nothing else happens; nothing: not at all.
  virtual std::optional<Duration> UntilWork(bool blocked) = 0;
  /// How long what comes may gather on the socket, so that it is read and handed on at once. Asked
  /// when all that was there is read.
  virtual Duration Gathering() { return Duration::zero(); }
  /// Before an orderly close.
  virtual void Finish(AmqpConnection& connection) = 0;
  /// The connection is gone, also one that failed in `Begin`.
  virtual void End() = 0;
};

}  // namespace auditflow::rabbitmq
