#pragma once

#include <string_view>

#include "auditflow/core/status.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// 400 (or another client error) as problem details, with the member `field`: what stands before
/// the colon of "field: what is wrong".
http::Response BadRequest(const Status& status, int http_status = 400);

/// 400 in the form that the wire contract fixes: `{"error":…}`.
http::Response ContractError(const Status& status);

/// What `ReadAlertQuery` refused: in the contract's form where that has a text for it.
http::Response BadQuery(const Status& status);

/// 404 in the contract's form: `{"message":"Alert not found"}`.
http::Response AlertNotFound();

/// What a store's failure is to a client: 400 for what it sent, 404, and 503 with `Retry-After` for
/// all that an operator or time can mend, whatever the store calls it.
http::Response StoreProblem(const Status& status);

}  // namespace auditflow::api
