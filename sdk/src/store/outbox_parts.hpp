#pragma once

#include "auditflow/core/status.hpp"

namespace auditflow::store {

/// What a worker hears whose entry is no longer its own.
inline Status LeaseLost() {
  return FailedPrecondition("the notification is settled, or in another worker's hands");
}

}  // namespace auditflow::store
