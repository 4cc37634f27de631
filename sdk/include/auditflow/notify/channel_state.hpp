#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::notify {

/// Whether a channel is tried at all: not while its receiver has failed again and again.
enum class BreakerState : std::uint8_t {
  kClosed,    ///< delivers
  kHalfOpen,  ///< the next notification is a probe
  kOpen,      ///< waits
};

/// "closed", "half_open" or "open".
[[nodiscard]] std::string_view ToString(BreakerState state);

/// How a channel does, as seen by the program that delivers over it.
struct ChannelState {
  std::string channel;
  std::string receiver;  ///< as `Notifier::Describe`
  BreakerState breaker = BreakerState::kClosed;
  std::uint32_t failures_in_a_row = 0;
  Timestamp resumes_at = {};  ///< nothing is delivered before; the epoch if nothing is held up
  std::string last_error = {};
  Timestamp last_error_at = {};
  Timestamp last_delivered_at = {};  ///< the epoch if there was none since the start
  // Since the start.
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;
  std::uint64_t dead_lettered = 0;
};

}  // namespace auditflow::notify
