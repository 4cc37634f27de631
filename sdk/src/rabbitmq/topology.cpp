#include "src/rabbitmq/topology.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace auditflow::rabbitmq {
namespace {

constexpr std::size_t kMostKeyBytes = 255;

QueueDeclaration DeadLetterQueue(std::string_view queue, const TopologyOptions& options) {
  QueueDeclaration declaration{std::string(queue) + options.dead_letter_suffix, {}};
  if (options.kind == QueueKind::kQuorum) {
    declaration.arguments.emplace_back("x-queue-type", std::string("quorum"));
  }
  return declaration;
}

QueueDeclaration QuorumQueue(std::string_view queue, const TopologyOptions& options) {
  QueueDeclaration declaration{std::string(queue), {}};
  std::vector<Argument>& arguments = declaration.arguments;
  arguments.emplace_back("x-queue-type", std::string("quorum"));
  if (options.delivery_limit == 0) return declaration;
  // Without these the broker would drop what reaches the limit, or could lose it on the way.
  arguments.emplace_back("x-delivery-limit", std::int64_t{options.delivery_limit});
  arguments.emplace_back("x-dead-letter-exchange", std::string());
  arguments.emplace_back("x-dead-letter-routing-key",
                         std::string(queue) + options.dead_letter_suffix);
  arguments.emplace_back("x-dead-letter-strategy", std::string("at-least-once"));
  arguments.emplace_back("x-overflow", std::string("reject-publish"));
  return declaration;
}

void AddPartitions(std::string_view queue, const TopologyOptions& options, Topology& topology) {
  topology.exchange = std::string(queue) + ".partitions";
  for (std::uint32_t i = 0; i < options.partitions; ++i) {
    QueueDeclaration declaration{std::string(queue) + "." + std::to_string(i), {}};
    // Several consumers of a partition would share its messages and lose the order of its keys.
    declaration.arguments.emplace_back("x-single-active-consumer", true);
    topology.holding.push_back(declaration.name);
    topology.queues.push_back(std::move(declaration));
  }
}

}  // namespace

Topology MakeTopology(std::string_view queue, const TopologyOptions& options, Role role) {
  Topology topology;
  if (options.kind == QueueKind::kConsistentHash) {
    AddPartitions(queue, options, topology);
  } else {
    topology.queues.push_back(options.kind == QueueKind::kQuorum
                                  ? QuorumQueue(queue, options)
                                  : QueueDeclaration{std::string(queue), {}});
    topology.holding = {std::string(queue)};
  }
  if (role == Role::kPublisher || options.dead_letter_suffix.empty()) return topology;
  topology.queues.push_back(DeadLetterQueue(queue, options));
  topology.dead_letter_queue = topology.queues.back().name;
  return topology;
}

TopologyOptions DeadLetterTopology(const TopologyOptions& options) {
  TopologyOptions dead = options;
  if (dead.kind == QueueKind::kConsistentHash) dead.kind = QueueKind::kClassic;
  dead.delivery_limit = 0;
  dead.dead_letter_suffix.clear();
  return dead;
}

std::string RoutingKeys::FromBody(const broker::Message& message) {
  std::string key;
  if (options_.partition_fields.empty() || !parser_.ParseInto(message.body, body_).ok()) return key;
  bool found = false;
  for (const std::string& field : options_.partition_fields) {
    const std::optional<std::string> value = event::TextAt(body_, field);
    found = found || (value && !value->empty());
    if (&field != &options_.partition_fields.front()) key += '/';
    key += value.value_or("");
  }
  // What has no key is spread by its id; in one partition it would be a lump.
  return found ? key : std::string();
}

std::string RoutingKeys::Of(const broker::Message& message) {
  if (options_.kind != QueueKind::kConsistentHash) return queue_;
  const auto at = std::find_if(message.headers.begin(), message.headers.end(),
                               [&](const auto& h) { return h.first == options_.partition_header; });
  std::string key = at == message.headers.end() ? FromBody(message) : at->second;
  if (at == message.headers.end() && key.empty()) key = message.message_id;
  // A longer key keeps its beginning and what tells it apart; equal keys stay equal.
  if (key.size() <= kMostKeyBytes) return key;
  return key.substr(0, kMostKeyBytes - 20) +
         std::to_string(std::hash<std::string>()(key) % 1'000'000'000);
}

}  // namespace auditflow::rabbitmq
