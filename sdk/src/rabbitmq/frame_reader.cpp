#include "src/rabbitmq/frame_reader.hpp"

#include <algorithm>
#include <utility>

#include "auditflow/event/event.hpp"

#include "src/rabbitmq/amqp_status.hpp"
#include "src/rabbitmq/amqp_table.hpp"

namespace auditflow::rabbitmq {
namespace {

constexpr std::string_view kDeliveryCount = "x-delivery-count";
/// A body grows as it arrives: what a header promises is not allocated in advance beyond this.
constexpr std::uint64_t kMostReserved = std::uint64_t{1} << 20U;
/// RabbitMQ's max_message_size cannot be set higher.
constexpr std::uint64_t kLargestBody = std::uint64_t{512} << 20U;

Confirmed ConfirmOf(const amqp_basic_ack_t& ack) {
  return {ack.delivery_tag, ack.multiple != 0, true};
}

Confirmed ConfirmOf(const amqp_basic_nack_t& nack) {
  return {nack.delivery_tag, nack.multiple != 0, false};
}

template <class Method>
Closed ClosedBy(const Method& close) {
  return {FromReplyCode(close.reply_code, ViewOf(close.reply_text), false)};
}

void ReadHeaders(const amqp_table_t& table, Delivered& delivered) {
  for (int i = 0; i < table.num_entries; ++i) {
    const amqp_table_entry_t& entry = table.entries[i];
    if (ViewOf(entry.key) == kDeliveryCount) {
      delivered.delivered_before = ToCount(entry.value);
      continue;
    }
    if (auto text = ToText(entry.value)) {
      delivered.message.headers.emplace_back(ViewOf(entry.key), std::move(*text));
    }
  }
}

void ReadProperties(const amqp_basic_properties_t& properties, Delivered& delivered) {
  const auto has = [&](amqp_flags_t flag) { return (properties._flags & flag) != 0; };
  broker::Message& message = delivered.message;
  message.content_type.clear();
  if (has(AMQP_BASIC_CONTENT_TYPE_FLAG)) message.content_type = ViewOf(properties.content_type);
  if (has(AMQP_BASIC_MESSAGE_ID_FLAG)) message.message_id = ViewOf(properties.message_id);
  if (has(AMQP_BASIC_HEADERS_FLAG)) ReadHeaders(properties.headers, delivered);
}

}  // namespace

std::optional<AmqpEvent> FrameReader::Read(const amqp_frame_t& frame) {
  if (frame.channel > 1) return Garbled();
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
      return ReadMethod(frame.payload.method);
    case AMQP_FRAME_HEADER:
      return ReadHeader(frame);
    case AMQP_FRAME_BODY:
      return ReadBody(frame.payload.body_fragment);
    default:
      return std::nullopt;  // heartbeats, which the library has dealt with
  }
}

std::optional<AmqpEvent> FrameReader::ReadMethod(const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_ACK_METHOD:
      return ConfirmOf(*static_cast<const amqp_basic_ack_t*>(method.decoded));
    case AMQP_BASIC_NACK_METHOD:
      return ConfirmOf(*static_cast<const amqp_basic_nack_t*>(method.decoded));
    case AMQP_BASIC_DELIVER_METHOD:
      if (content_) return Garbled();
      BeginDelivery(*static_cast<const amqp_basic_deliver_t*>(method.decoded));
      return std::nullopt;
    case AMQP_BASIC_RETURN_METHOD:
      if (content_) return Garbled();
      BeginReturn(*static_cast<const amqp_basic_return_t*>(method.decoded));
      return std::nullopt;
    case AMQP_BASIC_CANCEL_METHOD:
      return ConsumerCancelled{};
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return Blocked{std::string(
          ViewOf(static_cast<const amqp_connection_blocked_t*>(method.decoded)->reason))};
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return Unblocked{};
    case AMQP_CHANNEL_CLOSE_METHOD:
      return ClosedBy(*static_cast<const amqp_channel_close_t*>(method.decoded));
    case AMQP_CONNECTION_CLOSE_METHOD:
      return ClosedBy(*static_cast<const amqp_connection_close_t*>(method.decoded));
    default:
      return std::nullopt;  // a late answer to a call that timed out is of no interest
  }
}

void FrameReader::BeginDelivery(const amqp_basic_deliver_t& method) {
  // Written out, for the default content type would be allocated for every delivery.
  content_ = PartialContent{
      .delivered = {.broker_tag = method.delivery_tag,
                    .redelivered = method.redelivered != 0,
                    .delivered_before = std::nullopt,
                    .message = {.body = {}, .message_id = {}, .content_type = {}, .headers = {}}},
      .return_reason = std::nullopt};
}

void FrameReader::BeginReturn(const amqp_basic_return_t& method) {
  content_.emplace();
  content_->return_reason =
      std::string(ViewOf(method.reply_text)) + " (" + std::to_string(method.reply_code) + ")";
}

std::optional<AmqpEvent> FrameReader::ReadHeader(const amqp_frame_t& frame) {
  if (!content_ || content_->has_header) return Garbled();
  content_->has_header = true;
  content_->missing = frame.payload.properties.body_size;
  if (content_->missing > kLargestBody) {
    return GiveUp("the broker announced a message of " + std::to_string(content_->missing) +
                  " bytes, the limit is " + std::to_string(kLargestBody));
  }
  ReadProperties(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded),
                 content_->delivered);
  // With room behind it, so that it can be parsed where it is.
  content_->delivered.message.body.reserve(
      static_cast<std::size_t>(std::min(content_->missing, kMostReserved)) +
      event::EventParser::kPadding);
  return content_->missing == 0 ? Complete() : std::nullopt;
}

std::optional<AmqpEvent> FrameReader::ReadBody(const amqp_bytes_t& fragment) {
  if (!content_ || !content_->has_header || fragment.len > content_->missing) return Garbled();
  // A returned message is known to its sender: its body is skipped.
  if (!content_->return_reason) content_->delivered.message.body.append(ViewOf(fragment));
  content_->missing -= fragment.len;
  return content_->missing == 0 ? Complete() : std::nullopt;
}

std::optional<AmqpEvent> FrameReader::Complete() {
  PartialContent content = std::move(*content_);
  content_.reset();
  if (!content.return_reason) return std::move(content.delivered);
  return Returned{std::move(content.delivered.message.message_id),
                  std::move(*content.return_reason)};
}

std::optional<AmqpEvent> FrameReader::Garbled() {
  return GiveUp("the broker sent frames in an order that makes no sense");
}

std::optional<AmqpEvent> FrameReader::GiveUp(std::string why) {
  content_.reset();
  return Closed{Unavailable(std::move(why))};
}

}  // namespace auditflow::rabbitmq
