#include "src/api/alert_problem.hpp"

#include <algorithm>
#include <string>

#include "auditflow/event/json_writer.hpp"
#include "auditflow/http/problem.hpp"

namespace auditflow::api {
namespace {

constexpr bool IsFieldCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == '[' || c == ']';
}

/// "status" of "status: must be a string"; empty if the message does not begin with a name.
std::string_view FieldOf(std::string_view message) {
  const std::string_view field = message.substr(0, message.find(": "));
  return field.size() < message.size() && std::ranges::all_of(field, IsFieldCharacter)
             ? field
             : std::string_view();
}

http::Response Away(const Status& status) {
  http::Response response = http::Problem(503, status.message());
  return response.Set("Retry-After", "1");
}

}  // namespace

http::Response BadRequest(const Status& status, int http_status) {
  http::ProblemDetails problem;
  problem.status = http_status;
  problem.detail = status.message();
  const std::string_view field = FieldOf(status.message());
  if (!field.empty()) problem.extensions.emplace_back("field", field);
  return http::Problem(problem);
}

http::Response ContractError(const Status& status) {
  std::string body = "{\"error\":";
  event::AppendJsonString(status.message(), body);
  return http::Response::Json(400, body + "}");
}

http::Response BadQuery(const Status& status) {
  const std::string_view message = status.message();
  const bool in_contract = message.starts_with("Limit ") || message.starts_with("Offset ");
  return in_contract ? ContractError(status) : BadRequest(status);
}

http::Response AlertNotFound() {
  return http::Response::Json(404, R"({"message":"Alert not found"})");
}

http::Response StoreProblem(const Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
      return BadRequest(status);
    case StatusCode::kNotFound:
      return AlertNotFound();
    case StatusCode::kFailedPrecondition:  // missing tables
      return Away(status);
    default:
      return status.retryable() ? Away(status) : http::ProblemFrom(status);
  }
}

}  // namespace auditflow::api
