#include "src/rabbitmq/amqp_status.hpp"

#include <string>

#include <amqp.h>
#include <amqp_framing.h>

namespace auditflow::rabbitmq {
namespace {

Status Permanent(StatusCode code, std::string message) {
  return {code, std::move(message), Retry::kNo};
}

}  // namespace

Status FromReplyCode(int code, std::string_view text, bool during_login) {
  std::string message = std::string(text) + " (" + std::to_string(code) + ")";
  switch (code) {
    case AMQP_ACCESS_REFUSED:
      return Permanent(during_login ? StatusCode::kUnauthenticated : StatusCode::kPermissionDenied,
                       std::move(message));
    case AMQP_NOT_FOUND:
      return Permanent(StatusCode::kNotFound, std::move(message));
    case AMQP_PRECONDITION_FAILED:
    case AMQP_INVALID_PATH:
    case AMQP_NOT_IMPLEMENTED:
    case AMQP_COMMAND_INVALID:
      return Permanent(StatusCode::kFailedPrecondition, std::move(message));
    case AMQP_NOT_ALLOWED:
      return Permanent(StatusCode::kPermissionDenied, std::move(message));
    default:
      return Unavailable(std::move(message));
  }
}

Status FromLibraryStatus(int code) {
  const std::string message = amqp_error_string2(code);
  switch (code) {
    case AMQP_STATUS_OK:
      return {};
    case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
    case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
      return Permanent(StatusCode::kUnauthenticated, message);
    case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
    case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION:
      return Permanent(StatusCode::kFailedPrecondition, message);
    case AMQP_STATUS_TABLE_TOO_BIG:
    case AMQP_STATUS_INVALID_PARAMETER:
    case AMQP_STATUS_BAD_URL:
      return InvalidArgument(message);
    default:
      return Unavailable(message);
  }
}

}  // namespace auditflow::rabbitmq
