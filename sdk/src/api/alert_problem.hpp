#pragma once

#include <string_view>

#include "auditflow/core/status.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// 400 (or another client error) with the message as the contract's `error` too, and as `field`
/// what stands before the colon of "field: what is wrong".
http::Response BadRequest(const Status& status, int http_status = 400);

http::Response AlertNotFound();

/// What a store's failure is to a client: 400 for what it sent, 404, and 503 with `Retry-After` for
/// all that an operator or time can mend, whatever the store calls it.
http::Response StoreProblem(const Status& status);

}  // namespace auditflow::api
