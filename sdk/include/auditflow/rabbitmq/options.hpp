#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::rabbitmq {

/// How the way to the broker is encrypted. Files are PEM; they are read again at every connection,
/// so that renewed certificates need no restart.
struct TlsOptions {
  bool enabled = false;
  std::string ca_file;           ///< who may sign the broker's certificate; required to verify it
  std::string certificate_file;  ///< of the client; empty: none is shown
  std::string key_file;          ///< of the client's certificate
  bool verify_peer = true;       ///< the certificate's signature
  bool verify_hostname = true;   ///< that it was made for `host`
};

/// One connection to one broker. Durations are positive.
struct ConnectionOptions {
  std::string host = "localhost";
  std::uint16_t port = 5672;
  std::string virtual_host = "/";
  std::string user = "guest";
  Secret password = Secret("guest");
  TlsOptions tls;
  std::string name;  ///< shown in the broker's list of connections
  std::string app_id = "auditflow";
  /// Whole seconds, 1 to 600. A silent peer is given up after about twice that.
  Duration heartbeat = std::chrono::seconds(20);
  Duration connect_timeout = std::chrono::seconds(5);  ///< each for TCP, TLS and log-in
  Duration rpc_timeout = std::chrono::seconds(10);     ///< of a declaration and its like
  /// A call into the client library that takes longer has its socket shut down under it.
  Duration call_limit = std::chrono::seconds(20);
  /// Between attempts after a failure that can pass.
  BackoffOptions backoff;
  /// Between attempts after a failure that needs a person: wrong password, missing right, a queue
  /// of another kind. Up to half of it is taken off at random.
  Duration permanent_retry = std::chrono::seconds(30);
};

enum class QueueKind : std::uint8_t {
  kClassic,  ///< durable, without arguments: what the Python services declare
  kQuorum,   ///< replicated; counts deliveries across consumers and limits them
  /// An exchange `<queue>.partitions` that spreads over the queues `<queue>.0`, `<queue>.1`, …, so
  /// that messages of one key stay in order. Needs the plugin rabbitmq_consistent_hash_exchange.
  kConsistentHash,
};

/// What stands in the broker for one queue name.
///
/// The kinds do not mix: a broker refuses to declare an existing queue with another kind.
struct TopologyOptions {
  QueueKind kind = QueueKind::kClassic;
  /// False: only checks that the queues are there, for accounts without the right to configure.
  bool declare = true;
  /// The dead letters of `q` go to the queue `q` + suffix, of the kind kQuorum if that is the kind
  /// here, else kClassic. Empty: there is none, and `DeadLetter` is kFailedPrecondition.
  std::string dead_letter_suffix = ".dead-letter";
  /// kQuorum: how often the broker delivers a message before it moves it to the dead-letter queue
  /// by itself, then without our headers; 0 for no limit. A backstop behind
  /// `ConsumerOptions::max_attempts`, for a message that ends every process that takes it.
  std::uint32_t delivery_limit = 30;
  std::uint32_t partitions = 8;  ///< kConsistentHash: number of queues, 1 to 256
  /// kConsistentHash: the header whose value is a message's key.
  std::string partition_header = "x-auditflow-partition";
  /// kConsistentHash, of a publisher: where the key of a message without that header is found in
  /// its body, a JSON object; paths as `event::TextAt` reads them. The values of several make one
  /// key. A message that has none of them, or no fields to look for, has its message id as key.
  std::vector<std::string> partition_fields = {};
};

struct PublisherOptions {
  ConnectionOptions connection;
  std::string queue;
  TopologyOptions topology;
  std::size_t window = 1000;  ///< messages sent and not yet confirmed
  /// Messages that wait or are unconfirmed, beyond which a further `Publish` waits its turn. A
  /// single batch may be larger.
  std::size_t max_outstanding = 10'000;
  /// Larger bodies are refused. RabbitMQ 4 takes no more than this by default.
  std::size_t max_body_bytes = std::size_t{16} << 20U;
  /// Pause before a message that the broker refused (a full queue) is sent again.
  Duration refused_retry = std::chrono::milliseconds(100);
};

struct ConsumerOptions {
  ConnectionOptions connection;
  std::string queue;
  TopologyOptions topology;
  std::uint16_t prefetch = 500;  ///< deliveries that may be unsettled, 1 to 65535
  std::size_t ack_batch = 100;   ///< settled deliveries that make an acknowledgement due
  Duration ack_interval = std::chrono::milliseconds(20);  ///< how long one may wait for others
  /// A message delivered more often is dead-lettered instead of handed out; 0 for no limit.
  std::uint32_t max_attempts = 20;
  Duration dead_letter_timeout = std::chrono::seconds(10);  ///< for the broker's confirm
  /// kConsistentHash: the partitions to consume; empty for all of them.
  std::vector<std::uint32_t> own_partitions;
};

/// Whether `Create` takes the options. @return kInvalidArgument naming the one that is wrong.
Status Validate(const PublisherOptions& options);
Status Validate(const ConsumerOptions& options);

/// The options that read the dead letters of `options.queue` back.
ConsumerOptions ForDeadLetters(ConsumerOptions options);

}  // namespace auditflow::rabbitmq
