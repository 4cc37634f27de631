#include "src/rabbitmq/validate.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace auditflow::rabbitmq {
namespace {

constexpr std::size_t kMaxShortString = 255;
constexpr std::size_t kMaxHeaderName = 128;
/// Room for what is put behind a queue's name: suffixes and numbers of partitions.
constexpr std::size_t kMaxQueueName = 200;

Status Wrong(std::string_view what, std::string_view rule) {
  return InvalidArgument(std::string(what) + ": " + std::string(rule));
}

Status CheckText(std::string_view name, std::string_view value, std::size_t most,
                 bool may_be_empty) {
  if (value.empty() && !may_be_empty) return Wrong(name, "must not be empty");
  if (value.size() > most) return Wrong(name, "is longer than " + std::to_string(most) + " bytes");
  if (value.find('\0') != std::string_view::npos) return Wrong(name, "holds a NUL");
  return {};
}

Status CheckPositive(std::string_view name, Duration value) {
  return value > Duration::zero() ? Status() : Wrong(name, "must be positive");
}

/// The first of them that is not OK.
template <class... Statuses>
Status FirstOf(Statuses... statuses) {
  Status first;
  ((first.ok() ? static_cast<void>(first = std::move(statuses)) : static_cast<void>(0)), ...);
  return first;
}

Status CheckTls(const TlsOptions& tls) {
  if (!tls.enabled) return {};
  if (tls.verify_peer && tls.ca_file.empty()) {
    return Wrong("tls.ca_file", "is needed to verify the broker");
  }
  if (tls.verify_hostname && !tls.verify_peer) {
    return Wrong("tls.verify_hostname", "means nothing without verify_peer");
  }
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return Wrong("tls.certificate_file", "goes with tls.key_file: both or none");
  }
  return {};
}

Status CheckHeartbeat(Duration heartbeat) {
  if (heartbeat < std::chrono::seconds(1) || heartbeat > std::chrono::seconds(600) ||
      heartbeat % std::chrono::seconds(1) != Duration::zero()) {
    return Wrong("connection.heartbeat", "must be whole seconds from 1 to 600");
  }
  return {};
}

Status CheckConnection(const ConnectionOptions& options) {
  if (options.port == 0) return Wrong("connection.port", "must not be 0");
  return FirstOf(CheckText("connection.host", options.host, kMaxShortString, false),
                 CheckText("connection.virtual_host", options.virtual_host, kMaxShortString, false),
                 CheckText("connection.user", options.user, kMaxShortString, false),
                 CheckText("connection.password", options.password.Reveal(), 4096, true),
                 CheckText("connection.name", options.name, kMaxShortString, true),
                 CheckText("connection.app_id", options.app_id, kMaxShortString, true),
                 CheckHeartbeat(options.heartbeat),
                 CheckPositive("connection.connect_timeout", options.connect_timeout),
                 CheckPositive("connection.rpc_timeout", options.rpc_timeout),
                 CheckPositive("connection.call_limit", options.call_limit),
                 CheckPositive("connection.backoff.base", options.backoff.base),
                 CheckPositive("connection.backoff.max", options.backoff.max),
                 CheckPositive("connection.permanent_retry", options.permanent_retry),
                 CheckTls(options.tls));
}

Status CheckTopology(std::string_view queue, const TopologyOptions& options) {
  if (queue.starts_with("amq.")) return Wrong("queue", "amq. belongs to the broker");
  if (options.kind == QueueKind::kConsistentHash &&
      (options.partitions == 0 || options.partitions > 256)) {
    return Wrong("topology.partitions", "must be from 1 to 256");
  }
  for (const std::string& field : options.partition_fields) {
    const Status status = CheckText("topology.partition_fields", field, kMaxShortString, false);
    if (!status.ok()) return status;
  }
  return FirstOf(CheckText("queue", queue, kMaxQueueName, false),
                 CheckText("topology.dead_letter_suffix", options.dead_letter_suffix, 50, true));
}

Status CheckPartitions(const ConsumerOptions& options) {
  if (options.own_partitions.empty()) return {};
  if (options.topology.kind != QueueKind::kConsistentHash) {
    return Wrong("own_partitions", "needs the consistent-hash topology");
  }
  const auto most = std::ranges::max(options.own_partitions);
  return most < options.topology.partitions
             ? Status()
             : Wrong("own_partitions", "there is no partition " + std::to_string(most));
}

}  // namespace

Status Validate(const PublisherOptions& options) {
  if (options.window == 0) return Wrong("window", "must not be 0");
  if (options.max_outstanding == 0) return Wrong("max_outstanding", "must not be 0");
  return FirstOf(CheckConnection(options.connection),
                 CheckTopology(options.queue, options.topology),
                 CheckPositive("refused_retry", options.refused_retry));
}

Status Validate(const ConsumerOptions& options) {
  if (options.prefetch == 0) return Wrong("prefetch", "must not be 0");
  if (options.ack_batch == 0) return Wrong("ack_batch", "must not be 0");
  return FirstOf(CheckConnection(options.connection),
                 CheckTopology(options.queue, options.topology), CheckPartitions(options),
                 CheckPositive("ack_interval", options.ack_interval),
                 CheckPositive("dead_letter_timeout", options.dead_letter_timeout));
}

std::size_t PropertyBytes(const broker::Message& message) {
  constexpr std::size_t kPerHeader = 6;  // two lengths and a type
  std::size_t bytes = message.content_type.size() + message.message_id.size();
  for (const auto& [name, value] : message.headers)
    bytes += name.size() + value.size() + kPerHeader;
  return bytes;
}

Status Validate(const broker::Message& message, std::size_t max_body_bytes) {
  const std::string name = "message " + message.message_id.substr(0, 64);
  if (message.body.size() > max_body_bytes) {
    return Wrong(name, "its " + std::to_string(message.body.size()) +
                           " bytes exceed the limit of " + std::to_string(max_body_bytes));
  }
  if (message.message_id.size() > kMaxShortString) {
    return Wrong(name, "its message_id is longer than 255 bytes");
  }
  if (message.content_type.size() > kMaxShortString) {
    return Wrong(name, "its content_type is longer than 255 bytes");
  }
  for (const auto& [header, value] : message.headers) {
    if (header.size() > kMaxHeaderName) return Wrong(name, "a header's name exceeds 128 bytes");
  }
  return PropertyBytes(message) <= kMaxPropertyBytes
             ? Status()
             : Wrong(name, "its headers exceed " + std::to_string(kMaxPropertyBytes) + " bytes");
}

}  // namespace auditflow::rabbitmq
