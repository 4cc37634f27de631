#pragma once

#include <cstddef>

#include "auditflow/broker/broker.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::rabbitmq {

/// Whether AMQP can carry it at all, in the frames that we use, and its body is small enough.
/// @return kInvalidArgument naming the part of the message that is wrong.
Status Validate(const broker::Message& message, std::size_t max_body_bytes);

/// Bytes that the properties of a message may take: they have to fit in one frame with some room.
inline constexpr std::size_t kMaxPropertyBytes = std::size_t{96} << 10U;
/// What the properties of the message take, at most.
std::size_t PropertyBytes(const broker::Message& message);

}  // namespace auditflow::rabbitmq
