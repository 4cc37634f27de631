#include "auditflow/http/message.hpp"

#include <algorithm>

#include "auditflow/http/server.hpp"

#include "src/http/ascii.hpp"
#include "src/http/target.hpp"

namespace auditflow::http {
namespace {

Response Typed(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

}  // namespace

std::optional<std::string_view> FindHeader(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [name](const auto& header) { return EqualNoCase(header.first, name); });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> Request::Header(std::string_view name) const {
  return FindHeader(headers, name);
}

std::optional<std::string_view> Request::Query(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

std::string_view Request::Param(std::string_view name) const {
  const auto found = std::ranges::find(params, name, &std::pair<std::string, std::string>::first);
  return found == params.end() ? std::string_view() : std::string_view(found->second);
}

Result<Request> Request::Make(std::string_view method, std::string_view target, std::string body,
                              Headers headers) {
  Result<Target> parsed = ParseTarget(target, ServerLimits().max_query_parameters);
  if (!parsed) return Error(parsed.error());
  Request request;
  request.method = method;
  request.target = target;
  request.path = std::move(parsed->path);
  request.query = std::move(parsed->query);
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

Response Response::Json(int status, std::string body) {
  return Typed(status, "application/json", std::move(body));
}
Response Response::Html(int status, std::string body) {
  return Typed(status, "text/html; charset=utf-8", std::move(body));
}
Response Response::Text(int status, std::string body) {
  return Typed(status, "text/plain; charset=utf-8", std::move(body));
}

Response& Response::Set(std::string_view name, std::string_view value) {
  std::erase_if(headers, [name](const auto& header) { return EqualNoCase(header.first, name); });
  headers.emplace_back(name, value);
  return *this;
}

}  // namespace auditflow::http
