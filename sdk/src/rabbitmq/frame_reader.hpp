#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <amqp.h>
#include <amqp_framing.h>

#include "src/rabbitmq/amqp_event.hpp"

namespace auditflow::rabbitmq {

/// A delivery or return whose header or body is still to come.
struct PartialContent {
  Delivered delivered;
  std::optional<std::string> return_reason;
  bool has_header = false;
  std::uint64_t missing = 0;  ///< bytes of the body
};

/// Puts the frames of channels 0 and 1 together to events.
///
/// What an event holds is copied out of the frames, whose memory may be released between events.
/// Thread safety: thread-compatible.
class FrameReader {
 public:
  /// @return an event once its last frame is there. A frame that cannot stand where it stands is
  /// `Closed` with kUnavailable: the connection is of no further use.
  std::optional<AmqpEvent> Read(const amqp_frame_t& frame);
  /// Between two events, so that no frame is needed any more.
  [[nodiscard]] bool idle() const { return !content_; }

 private:
  std::optional<AmqpEvent> ReadMethod(const amqp_method_t& method);
  std::optional<AmqpEvent> ReadHeader(const amqp_frame_t& frame);
  std::optional<AmqpEvent> ReadBody(const amqp_bytes_t& fragment);
  std::optional<AmqpEvent> Complete();
  std::optional<AmqpEvent> Garbled();
  std::optional<AmqpEvent> GiveUp(std::string why);
  void BeginDelivery(const amqp_basic_deliver_t& method);
  void BeginReturn(const amqp_basic_return_t& method);

  std::optional<PartialContent> content_;
};

}  // namespace auditflow::rabbitmq
