#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <benchmark/benchmark.h>

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
};

/// What consumers are compared with: librabbitmq alone, which drops what it gets. Seconds from the
/// first message to the last; 0 if there is no broker.
inline double ConsumeBare(const BareConsumerOptions& options) {
  using std::chrono::steady_clock;
  amqp_connection_state_t state = amqp_new_connection();
  amqp_socket_t* socket = amqp_tcp_socket_new(state);
  if (amqp_socket_open(socket, "localhost", options.port) != AMQP_STATUS_OK) return 0;
  amqp_login(state, "/", 1, 131072, 20, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  amqp_channel_open(state, 1);
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
    benchmark::DoNotOptimize(envelope.message.body.bytes);
    if (taken % options.ack_batch == options.ack_batch - 1) {
      amqp_basic_ack(state, 1, envelope.delivery_tag, 1);
    }
    amqp_destroy_envelope(&envelope);
  }
  const double seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
  amqp_connection_close(state, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(state);
  return seconds;
}

}  // namespace auditflow::bench
