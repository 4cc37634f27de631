#include "src/rabbitmq/amqp_connection.hpp"

#include <vector>

#include <amqp_framing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "src/rabbitmq/amqp_status.hpp"
#include "src/rabbitmq/amqp_table.hpp"

namespace auditflow::rabbitmq {
namespace {

constexpr amqp_channel_t kChannel = 1;

std::vector<amqp_table_entry_t> EntriesOf(const std::vector<Argument>& arguments) {
  std::vector<amqp_table_entry_t> entries;
  for (const auto& [key, value] : arguments) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      entries.push_back(StringEntry(key, *text));
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      entries.push_back(NumberEntry(key, *number));
    } else {
      entries.push_back(BooleanEntry(key, std::get<bool>(value)));
    }
  }
  return entries;
}

void SetCork(int socket, int on) {
  // Without it there are only more packets.
  setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

}  // namespace

AmqpConnection::Burst::Burst(const AmqpConnection& connection) : socket_(connection.socket()) {
  SetCork(socket_, 1);
}

AmqpConnection::Burst::~Burst() { SetCork(socket_, 0); }

AmqpConnection::~AmqpConnection() {
  if (state_ == nullptr) return;
  watchdog_.Forget();
  amqp_destroy_connection(state_);
}

int AmqpConnection::socket() const { return state_ == nullptr ? -1 : amqp_get_sockfd(state_); }

void AmqpConnection::Close() {
  const Watchdog::Call call(watchdog_);
  amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
}

Status AmqpConnection::Reply(std::string_view what) const {
  const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state_);
  return reply.reply_type == AMQP_RESPONSE_NORMAL ? Status() : Refused(reply, what, false);
}

Status AmqpConnection::Refused(const amqp_rpc_reply_t& reply, std::string_view what,
                               bool during_login) {
  if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION) {
    return FromLibraryStatus(reply.library_error).WithContext(what);
  }
  if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto& close = *static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
    return FromReplyCode(close.reply_code, ViewOf(close.reply_text), during_login)
        .WithContext(what);
  }
  if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto& close = *static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
    return FromReplyCode(close.reply_code, ViewOf(close.reply_text), during_login)
        .WithContext(what);
  }
  return Unavailable("the broker gave an unexpected answer").WithContext(what);
}

Status AmqpConnection::Declare(const Topology& topology, bool passive) {
  for (const QueueDeclaration& queue : topology.queues) {
    Status declared = DeclareQueue(queue, passive);
    if (!declared.ok()) return declared;
  }
  return topology.exchange.empty() ? Status() : DeclareExchange(topology, passive);
}

Status AmqpConnection::DeclareQueue(const QueueDeclaration& queue, bool passive) {
  const Watchdog::Call call(watchdog_);
  std::vector<amqp_table_entry_t> entries = EntriesOf(queue.arguments);
  amqp_queue_declare(state_, kChannel, BytesOf(queue.name), passive ? 1 : 0, /*durable=*/1,
                     /*exclusive=*/0, /*auto_delete=*/0, TableOf(entries));
  return Reply("queue " + queue.name);
}

Status AmqpConnection::DeclareExchange(const Topology& topology, bool passive) {
  const Watchdog::Call call(watchdog_);
  amqp_exchange_declare(state_, kChannel, BytesOf(topology.exchange), BytesOf("x-consistent-hash"),
                        passive ? 1 : 0, /*durable=*/1, /*auto_delete=*/0, /*internal=*/0,
                        amqp_empty_table);
  Status declared = Reply("exchange " + topology.exchange);
  if (!declared.ok() || passive) return declared;
  for (const std::string& queue : topology.holding) {
    // The binding key is the queue's weight.
    amqp_queue_bind(state_, kChannel, BytesOf(queue), BytesOf(topology.exchange), BytesOf("1"),
                    amqp_empty_table);
    Status bound = Reply("binding of " + queue);
    if (!bound.ok()) return bound;
  }
  return {};
}

Status AmqpConnection::SelectConfirms() {
  const Watchdog::Call call(watchdog_);
  amqp_confirm_select(state_, kChannel);
  return Reply("confirms");
}

Status AmqpConnection::SetPrefetch(std::uint16_t count) {
  const Watchdog::Call call(watchdog_);
  // Per consumer: quorum queues know no limit of a channel.
  amqp_basic_qos(state_, kChannel, 0, count, /*global=*/0);
  return Reply("prefetch");
}

Status AmqpConnection::Consume(std::string_view queue) {
  const Watchdog::Call call(watchdog_);
  amqp_basic_consume(state_, kChannel, BytesOf(queue), amqp_empty_bytes, /*no_local=*/0,
                     /*no_ack=*/0, /*exclusive=*/0, amqp_empty_table);
  return Reply("consumer of " + std::string(queue));
}

Status AmqpConnection::Publish(std::string_view exchange, std::string_view routing_key,
                               const broker::Message& message) {
  std::vector<amqp_table_entry_t> headers;
  headers.reserve(message.headers.size());
  for (const auto& [key, value] : message.headers) headers.push_back(StringEntry(key, value));
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG |
                      AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_APP_ID_FLAG;
  if (!headers.empty()) properties._flags |= AMQP_BASIC_HEADERS_FLAG;
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  properties.content_type = BytesOf(message.content_type);
  properties.message_id = BytesOf(message.message_id);
  properties.app_id = BytesOf(options_.app_id);
  properties.headers = TableOf(headers);
  const Watchdog::Call call(watchdog_);
  return FromLibraryStatus(
      amqp_basic_publish(state_, kChannel, BytesOf(exchange), BytesOf(routing_key),
                         /*mandatory=*/1, /*immediate=*/0, &properties, BytesOf(message.body)));
}

Status AmqpConnection::Ack(std::uint64_t tag, bool multiple) {
  const Watchdog::Call call(watchdog_);
  return FromLibraryStatus(amqp_basic_ack(state_, kChannel, tag, multiple ? 1 : 0));
}

Status AmqpConnection::Requeue(std::uint64_t tag) {
  const Watchdog::Call call(watchdog_);
  return FromLibraryStatus(amqp_basic_nack(state_, kChannel, tag, /*multiple=*/0, /*requeue=*/1));
}

Result<std::optional<AmqpEvent>> AmqpConnection::Poll() {
  const Watchdog::Call call(watchdog_);
  while (true) {
    amqp_frame_t frame;
    timeval at_once{0, 0};
    const int status = amqp_simple_wait_frame_noblock(state_, &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
    if (status != AMQP_STATUS_OK) return Error(FromLibraryStatus(status));
    std::optional<AmqpEvent> event = reader_.Read(frame);
    if (reader_.idle()) amqp_maybe_release_buffers(state_);
    if (event) return event;
  }
}

}  // namespace auditflow::rabbitmq
