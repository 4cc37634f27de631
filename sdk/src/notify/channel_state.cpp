#include "auditflow/notify/channel_state.hpp"

namespace auditflow::notify {

std::string_view ToString(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kHalfOpen:
      return "half_open";
    case BreakerState::kOpen:
      return "open";
  }
  return "closed";
}

}  // namespace auditflow::notify
