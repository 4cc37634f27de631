#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "auditflow/broker/broker.hpp"

namespace auditflow::rabbitmq {

/// What the broker says outside of answers to calls.
struct Confirmed {
  std::uint64_t tag = 0;
  bool multiple = false;
  bool positive = true;
};
struct Returned {
  std::string message_id;
  std::string reason;
};
struct Delivered {
  std::uint64_t broker_tag = 0;
  bool redelivered = false;
  /// How often it was delivered before, where the broker counts that.
  std::optional<std::uint64_t> delivered_before;
  broker::Message message;
};
struct ConsumerCancelled {};
struct Blocked {
  std::string reason;
};
struct Unblocked {};
/// The broker closed the channel or the connection.
struct Closed {
  Status why;
};

using AmqpEvent =
    std::variant<Confirmed, Returned, Delivered, ConsumerCancelled, Blocked, Unblocked, Closed>;

}  // namespace auditflow::rabbitmq
