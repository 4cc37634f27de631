#pragma once

#include "auditflow/core/result.hpp"
#include "auditflow/store/alert_state.hpp"

#include "src/api/json_value.hpp"

namespace auditflow::api {

/// The state of an alert as `AppendAlertState` writes it.
/// @return kDataLoss naming the member.
Result<store::AlertState> ReadAlertState(const JsonValue& object);

}  // namespace auditflow::api
