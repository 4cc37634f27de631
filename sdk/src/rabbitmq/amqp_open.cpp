// The part of AmqpConnection that gets a connection going: socket, TLS and log-in.
#include <vector>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

#include "src/rabbitmq/amqp_connection.hpp"
#include "src/rabbitmq/amqp_status.hpp"
#include "src/rabbitmq/amqp_table.hpp"

namespace auditflow::rabbitmq {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kOneChannel = 1;
constexpr int kFrameBytes = 131072;

timeval ToTimeval(Duration d) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(d);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(d - seconds);
  return {static_cast<time_t>(seconds.count()), static_cast<suseconds_t>(rest.count())};
}

Status Unreadable(std::string_view what, const std::string& file) {
  return {StatusCode::kFailedPrecondition, std::string(what) + " " + file + " cannot be used",
          Retry::kNo};
}

}  // namespace

Status AmqpConnection::Open() {
  state_ = amqp_new_connection();
  if (state_ == nullptr) return ResourceExhausted("no memory for a connection");
  Status status;
  amqp_socket_t* socket = NewSocket(status);
  if (!status.ok()) return status;
  timeval timeout = ToTimeval(options_.connect_timeout);
  timeval rpc_timeout = ToTimeval(options_.rpc_timeout);
  amqp_set_handshake_timeout(state_, &timeout);
  amqp_set_rpc_timeout(state_, &rpc_timeout);
  const std::string where = options_.host + ":" + std::to_string(options_.port);
  status = FromLibraryStatus(
      amqp_socket_open_noblock(socket, options_.host.c_str(), options_.port, &timeout));
  if (!status.ok()) return status.WithContext(where);
  watchdog_.Watch(amqp_get_sockfd(state_));
  status = LogIn();
  if (!status.ok()) return status.WithContext(where);
  amqp_channel_open(state_, kChannel);
  return Reply("channel");
}

amqp_socket_t* AmqpConnection::NewSocket(Status& status) {
  amqp_socket_t* socket =
      options_.tls.enabled ? amqp_ssl_socket_new(state_) : amqp_tcp_socket_new(state_);
  if (socket == nullptr) {
    status = ResourceExhausted("no memory for a socket");
  } else if (options_.tls.enabled) {
    status = SetUpTls(socket);
  }
  return socket;
}

Status AmqpConnection::SetUpTls(amqp_socket_t* socket) {
  const TlsOptions& tls = options_.tls;
  amqp_ssl_socket_set_verify_peer(socket, tls.verify_peer ? 1 : 0);
  amqp_ssl_socket_set_verify_hostname(socket, tls.verify_hostname ? 1 : 0);
  amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
  if (!tls.ca_file.empty() &&
      amqp_ssl_socket_set_cacert(socket, tls.ca_file.c_str()) != AMQP_STATUS_OK) {
    return Unreadable("the CA file", tls.ca_file);
  }
  if (!tls.certificate_file.empty() &&
      amqp_ssl_socket_set_key(socket, tls.certificate_file.c_str(), tls.key_file.c_str()) !=
          AMQP_STATUS_OK) {
    return Unreadable("the client certificate", tls.certificate_file);
  }
  return {};
}

Status AmqpConnection::LogIn() {
  const Watchdog::Call call(watchdog_);
  std::vector<amqp_table_entry_t> capabilities = {BooleanEntry("connection.blocked", true),
                                                  BooleanEntry("consumer_cancel_notify", true)};
  std::vector<amqp_table_entry_t> properties = {TableEntry("capabilities", capabilities),
                                                StringEntry("product", "auditflow")};
  if (!options_.name.empty()) properties.push_back(StringEntry("connection_name", options_.name));
  const amqp_table_t table = TableOf(properties);
  const auto heartbeat = std::chrono::duration_cast<std::chrono::seconds>(options_.heartbeat);
  const amqp_rpc_reply_t reply = amqp_login_with_properties(
      state_, options_.virtual_host.c_str(), kOneChannel, kFrameBytes,
      static_cast<int>(heartbeat.count()), &table, AMQP_SASL_METHOD_PLAIN, options_.user.c_str(),
      options_.password.Reveal().c_str());
  return reply.reply_type == AMQP_RESPONSE_NORMAL ? Status() : Refused(reply, "log-in", true);
}

}  // namespace auditflow::rabbitmq
