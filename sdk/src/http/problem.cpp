#include "auditflow/http/problem.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace auditflow::http {
namespace {

using Json = nlohmann::ordered_json;

struct Phrase {
  int status;
  std::string_view text;
};

constexpr std::array<Phrase, 42> kPhrases = {{
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

constexpr bool IsStandardMember(std::string_view name) {
  return name == "type" || name == "title" || name == "status" || name == "detail" ||
         name == "instance";
}

bool MessageIsForClients(int http_status) {
  return http_status < 500 || http_status == 503 || http_status == 504;
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  const auto* const found = std::ranges::lower_bound(kPhrases, status, {}, &Phrase::status);
  return found != kPhrases.end() && found->status == status ? found->text : "Unknown";
}

int HttpStatus(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return 200;
    case StatusCode::kCancelled:
      return 499;
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kOutOfRange:
      return 400;
    case StatusCode::kUnauthenticated:
      return 401;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kAlreadyExists:
    case StatusCode::kAborted:
      return 409;
    case StatusCode::kResourceExhausted:
      return 429;
    case StatusCode::kUnimplemented:
      return 501;
    case StatusCode::kUnavailable:
      return 503;
    case StatusCode::kDeadlineExceeded:
      return 504;
    case StatusCode::kUnknown:
    case StatusCode::kInternal:
    case StatusCode::kDataLoss:
      break;
  }
  return 500;
}

Response Problem(const ProblemDetails& problem) {
  Json json = {
      {"type", problem.type},
      {"title", problem.title.empty() ? std::string(ReasonPhrase(problem.status)) : problem.title},
      {"status", problem.status}};
  if (!problem.detail.empty()) json["detail"] = problem.detail;
  if (!problem.instance.empty()) json["instance"] = problem.instance;
  for (const auto& [name, value] : problem.extensions) {
    if (!IsStandardMember(name)) json[name] = value;
  }
  Response response =
      Response::Json(problem.status, json.dump(-1, ' ', false, Json::error_handler_t::replace));
  response.content_type = "application/problem+json";
  return response;
}

Response Problem(int status, std::string_view detail) {
  ProblemDetails problem;
  problem.status = status;
  problem.detail = detail;
  return Problem(problem);
}

Response ProblemFrom(const Status& status) {
  const int http_status = HttpStatus(status.code());
  Response response =
      Problem(http_status, MessageIsForClients(http_status) ? status.message() : "");
  if (status.retryable() && (http_status == 429 || http_status == 503)) {
    response.Set("Retry-After", "1");
  }
  return response;
}

}  // namespace auditflow::http
