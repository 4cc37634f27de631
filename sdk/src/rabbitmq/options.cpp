#include "auditflow/rabbitmq/options.hpp"

#include "src/rabbitmq/topology.hpp"

namespace auditflow::rabbitmq {

ConsumerOptions ForDeadLetters(ConsumerOptions options) {
  options.queue += options.topology.dead_letter_suffix;
  options.topology = DeadLetterTopology(options.topology);
  options.max_attempts = 0;
  options.own_partitions.clear();
  return options;
}

}  // namespace auditflow::rabbitmq
