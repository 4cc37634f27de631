#pragma once

#include <cstdint>
#include <string_view>

#include "auditflow/core/status.hpp"

namespace auditflow::rabbitmq {

/// What an AMQP reply code of a closed channel or connection means to us. `retryable()` is false
/// where only a person can help: a wrong password, a missing right, a queue of another kind.
/// @param during the log-in makes a refusal of access one of the credentials.
Status FromReplyCode(int code, std::string_view text, bool during_login);

/// The same for an error that librabbitmq found (`AMQP_STATUS_…`, negative).
Status FromLibraryStatus(int code);

}  // namespace auditflow::rabbitmq
