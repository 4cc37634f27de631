#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <stop_token>
#include <string>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <benchmark/benchmark.h>
#include <poll.h>

namespace auditflow::bench {

/// Of the server that runs in the folder AUDITFLOW_RABBITMQ; nothing if there is none.
inline std::optional<std::uint16_t> BrokerPort() {
  const char* folder = std::getenv("AUDITFLOW_RABBITMQ");
  if (folder == nullptr) return std::nullopt;
  std::ostringstream text;
  text << std::ifstream(std::string(folder) + "/server.json").rdbuf();
  const std::string json = text.str();
  const std::size_t at = json.find("\"port\": ");
  if (at == std::string::npos) return std::nullopt;
  return static_cast<std::uint16_t>(std::stoul(json.substr(at + 8)));
}

struct BareConsumerOptions {
  std::uint16_t port = 0;
  const char* queue = "";
  int messages = 0;
  std::uint16_t prefetch = 500;
  int ack_batch = 100;
  std::atomic<int>* taken = nullptr;  ///< counts the messages as they come
};

/// A connection with channel 1; null if there is no broker.
inline amqp_connection_state_t ConnectBare(std::uint16_t port) {
  amqp_connection_state_t state = amqp_new_connection();
  amqp_socket_t* socket = amqp_tcp_socket_new(state);
  if (amqp_socket_open(socket, "localhost", port) != AMQP_STATUS_OK) {
    amqp_destroy_connection(state);
    return nullptr;
  }
  amqp_login(state, "/", 1, 131072, 20, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  amqp_channel_open(state, 1);
  return state;
}

inline void CloseBare(amqp_connection_state_t state) {
  amqp_connection_close(state, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(state);
}

/// What consumers are compared with: librabbitmq alone, which drops what it gets. Seconds from the
/// first message to the last; 0 if there is no broker.
inline double ConsumeBare(const BareConsumerOptions& options) {
  using std::chrono::steady_clock;
  amqp_connection_state_t state = ConnectBare(options.port);
  if (state == nullptr) return 0;
  amqp_basic_qos(state, 1, 0, options.prefetch, 0);
  amqp_basic_consume(state, 1, amqp_cstring_bytes(options.queue), amqp_empty_bytes, 0, 0, 0,
                     amqp_empty_table);
  steady_clock::time_point start;
  for (int taken = 0; taken < options.messages; ++taken) {
    amqp_maybe_release_buffers(state);
    amqp_envelope_t envelope;
    if (amqp_consume_message(state, &envelope, nullptr, 0).reply_type != AMQP_RESPONSE_NORMAL) {
      return 0;
    }
    if (taken == 0) start = steady_clock::now();
    if (options.taken != nullptr) options.taken->store(taken + 1, std::memory_order_relaxed);
    benchmark::DoNotOptimize(envelope.message.body.bytes);
    if (taken % options.ack_batch == options.ack_batch - 1) {
      amqp_basic_ack(state, 1, envelope.delivery_tag, 1);
    }
    amqp_destroy_envelope(&envelope);
  }
  const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
  CloseBare(state);
  return seconds;
}

struct BarePublisherOptions {
  std::uint16_t port = 0;
  const char* queue = "";
  int messages = 0;
  std::size_t bytes = 0;  ///< of each
  int per_messages = 0;   ///< all are published by the time that so many others were taken
};

/// Publishes as alerts are (persistent, mandatory, confirmed), as many at any time as `taken` calls
/// for, and waits for all confirms, or until `stop`.
inline bool PublishBare(const BarePublisherOptions& options, const std::atomic<int>& taken,
                        const std::stop_token& stop) {
  amqp_connection_state_t state = ConnectBare(options.port);
  if (state == nullptr) return false;
  amqp_queue_declare(state, 1, amqp_cstring_bytes(options.queue), 0, 1, 0, 0, amqp_empty_table);
  amqp_confirm_select(state, 1);
  const std::string body(options.bytes, 'x');
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  int sent = 0;
  std::uint64_t confirmed = 0;
  while (!stop.stop_requested() && confirmed < static_cast<std::uint64_t>(options.messages)) {
    const int due = static_cast<int>(std::int64_t{taken.load(std::memory_order_relaxed)} *
                                     options.messages / options.per_messages);
    for (; sent < due; ++sent) {
      amqp_basic_publish(state, 1, amqp_empty_bytes, amqp_cstring_bytes(options.queue), 1, 0,
                         &properties, {body.size(), const_cast<char*>(body.data())});
    }
    // The library's own timeout would spin for its last millisecond.
    pollfd socket = {amqp_get_sockfd(state), POLLIN, 0};
    if (amqp_data_in_buffer(state) == 0) poll(&socket, 1, /*milliseconds=*/1);
    amqp_frame_t frame;
    timeval at_once{0, 0};
    amqp_maybe_release_buffers(state);
    const int status = amqp_simple_wait_frame_noblock(state, &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT) continue;
    if (status != AMQP_STATUS_OK) return false;
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
      continue;
    }
    const auto& ack = *static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
    confirmed = std::max(confirmed, ack.delivery_tag);
  }
  CloseBare(state);
  return true;
}

}  // namespace auditflow::bench
