#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "auditflow/broker/broker.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::rabbitmq {

using Argument = std::pair<std::string, std::variant<std::string, std::int64_t, bool>>;

struct QueueDeclaration {
  std::string name;
  std::vector<Argument> arguments;
  friend bool operator==(const QueueDeclaration&, const QueueDeclaration&) = default;
};

/// Everything that a queue name stands for in the broker; all of it durable.
struct Topology {
  std::vector<QueueDeclaration> queues;
  std::vector<std::string> holding;  ///< the queues that hold the messages
  std::string exchange;  ///< of type x-consistent-hash, bound to `holding`; empty: the default one
  std::string dead_letter_queue;  ///< empty: none
};

/// Who declares: a publisher needs no right to the dead-letter queue.
enum class Role : std::uint8_t { kPublisher, kConsumer };

Topology MakeTopology(std::string_view queue, const TopologyOptions& options, Role role);

/// What publishes to the dead-letter queue of `queue`, and what consumes it.
TopologyOptions DeadLetterTopology(const TopologyOptions& options);

/// The routing keys of messages.
///
/// Thread safety: thread-compatible.
class RoutingKeys {
 public:
  RoutingKeys(std::string queue, TopologyOptions options)
      : queue_(std::move(queue)), options_(std::move(options)) {}

  [[nodiscard]] std::string Of(const broker::Message& message);

 private:
  /// Empty if the body has none of the fields.
  std::string FromBody(const broker::Message& message);

  const std::string queue_;
  const TopologyOptions options_;
  event::EventParser parser_;
  event::Event body_;
};

}  // namespace auditflow::rabbitmq
