#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::broker {

struct Message {
  std::string body;
  std::string message_id;  ///< stable over republishing: consumers de-duplicate on it
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Delivery {
  Message message;
  std::uint64_t tag =
      0;  ///< names the delivery towards the consumer that gave it; never reused by it
  bool redelivered = false;
  std::uint32_t attempts =
      1;  ///< how often this message was delivered, this time included, as far as is known
};

/// Messages that were handed over and whose outcome is still to come. What is unconfirmed when it
/// goes is given up, without waiting.
///
/// Thread safety: thread-compatible. The publisher must outlive it.
class PendingPublish {
 public:
  virtual ~PendingPublish() = default;
  /// Waits for the outcome. To be called once.
  /// @return as `Publisher::Publish`.
  virtual Status Wait() = 0;
};

/// Hands messages to a durable queue.
///
/// At-least-once: after a failure some of the batch may have been accepted; publish the same
/// messages again with the same ids. Thread safety: thread-safe.
class Publisher {
 public:
  virtual ~Publisher() = default;
  /// Returns OK when the broker owns every message (publisher confirms; unroutable ones are
  /// errors). Waits at most `timeout`; blocks, within it, while the broker is full.
  /// @return kUnavailable, kDeadlineExceeded, kResourceExhausted (retryable), kFailedPrecondition
  /// (unroutable), kInvalidArgument for a message that no retry will make fit, kCancelled once the
  /// broker was shut down here.
  virtual Status Publish(std::span<const Message> messages, Duration timeout) = 0;
  /// Publishes without waiting for the outcome, so that further messages can follow while these
  /// wait for their confirms; their order is that of the calls. `timeout`, which begins now, is for
  /// the whole. Blocks, within it, while the broker is full. A publisher that has no such way,
  /// which is the default, does it all in `PendingPublish::Wait`.
  virtual std::unique_ptr<PendingPublish> Start(std::vector<Message> messages, Duration timeout);
};

/// The most bytes of bodies that come out of one `Consumer::Receive`, unless a single one is
/// larger. Whoever takes a batch makes more of it than its bytes: an event takes up to twenty times
/// its text.
inline constexpr std::size_t kMostBytesTogether = std::size_t{16} << 20U;

/// Takes messages from a queue. Each delivery is owned by the caller until it is settled once with
/// one of the three settling calls; what is not settled when the consumer goes away is delivered
/// again, to this queue's next consumer.
///
/// Settling a tag of an earlier connection, or one that is settled already, is not an error: the
/// first has gone back to the broker and will be delivered again, the second is done with. A tag
/// that was never given is kInvalidArgument, and then none of that call is settled. Thread safety:
/// thread-safe; calls to `Receive` from several threads share the queue's messages.
class Consumer {
 public:
  virtual ~Consumer() = default;
  /// Waits up to `wait` for the first message, then takes what is there, up to `max` messages and
  /// `kMostBytesTogether`. Empty when nothing came.
  /// @return kUnavailable while the broker is away, kCancelled after Shutdown.
  virtual Result<std::vector<Delivery>> Receive(std::size_t max, Duration wait) = 0;
  /// Done: the message is gone for good.
  virtual Status Ack(std::span<const std::uint64_t> tags) = 0;
  /// Back to the queue, to be delivered again, before what was published later if the broker can.
  virtual Status Requeue(std::span<const std::uint64_t> tags) = 0;
  /// To the dead-letter queue with its bytes unchanged and the header `x-auditflow-reason`.
  virtual Status DeadLetter(std::uint64_t tag, std::string_view reason) = 0;
  /// Unsettled deliveries go back to the queue; `Receive` returns kCancelled from now on.
  virtual void Shutdown() = 0;
};

}  // namespace auditflow::broker
