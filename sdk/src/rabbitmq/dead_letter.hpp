#pragma once

#include <cstdint>
#include <string_view>

#include "auditflow/broker/broker.hpp"

namespace auditflow::rabbitmq {

/// The message as it goes to the dead-letter queue: with our headers in the place of older ones,
/// and without all others if there is no room for them.
broker::Message MakeDeadLetter(broker::Message message, std::string_view queue,
                               std::uint32_t attempts, std::string_view reason);

}  // namespace auditflow::rabbitmq
