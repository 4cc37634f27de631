#pragma once

#include <cstdint>
#include <string>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::rabbitmq {

enum class ConnectionState : std::uint8_t {
  kWaiting,     ///< for the next attempt
  kConnecting,  ///< up to the declared queues
  kReady,
  kStopped,
};

/// A connection as it is at one moment.
struct ConnectionHealth {
  ConnectionState state = ConnectionState::kWaiting;
  Timestamp since;         ///< of the last change to or from kReady
  std::string reason;      ///< why it is not ready, or why it is blocked; never holds a secret
  bool blocked = false;    ///< the broker takes no messages for now: an alarm of its memory or disk
  bool permanent = false;  ///< the last failure needs a person
  std::uint64_t connections = 0;  ///< how often it became ready
  std::uint64_t failures = 0;     ///< how often an attempt failed or a connection was lost
  std::string last_failure;       ///< why that was, the last time; kept when it is ready again

  [[nodiscard]] bool up() const { return state == ConnectionState::kReady; }
};

}  // namespace auditflow::rabbitmq
