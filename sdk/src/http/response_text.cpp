#include "src/http/response_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "auditflow/http/problem.hpp"

#include "src/http/ascii.hpp"

namespace auditflow::http {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
// Ours alone: a handler's could contradict the bytes that follow.
constexpr std::array<std::string_view, 7> kServersOwn = {
    "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive",
    "Date",           "Upgrade",           "Trailer"};

std::string TwoDigits(int n) {
  return {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
}

bool IsSendable(const Response& response) {
  return response.status >= 200 && response.status <= 599 && IsFieldValue(response.content_type) &&
         std::ranges::all_of(response.headers, [](const auto& header) {
           return IsToken(header.first) && IsFieldValue(header.second);
         });
}

bool IsServersOwn(std::string_view name) {
  return std::ranges::any_of(kServersOwn,
                             [name](std::string_view own) { return EqualNoCase(own, name); });
}

bool HasNoBody(int status) { return status == 204 || status == 304; }

void Append(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendUnlessSet(std::string& out, const Response& response, std::string_view name,
                     std::string_view value) {
  if (!FindHeader(response.headers, name)) Append(out, name, value);
}

void AppendDefaults(std::string& out, const Response& response) {
  AppendUnlessSet(out, response, "X-Content-Type-Options", "nosniff");
  if (response.content_type.starts_with("text/html")) {
    AppendUnlessSet(out, response, "Content-Security-Policy",
                    "default-src 'self'; base-uri 'none'; form-action 'self'; "
                    "frame-ancestors 'none'; object-src 'none'");
    AppendUnlessSet(out, response, "Referrer-Policy", "no-referrer");
  }
  if (response.content_type.starts_with("application/json") ||
      response.content_type.starts_with("application/problem+json")) {
    AppendUnlessSet(out, response, "Cache-Control", "no-store");
  }
}

std::string_view ConnectionHeader(const ResponseContext& context) {
  if (!context.keep_alive) return "close";
  return context.to_http_1_0 ? "keep-alive" : "";
}

}  // namespace

std::string HttpDate(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::string text(kDays[static_cast<std::size_t>(utc.tm_wday)]);
  text += ", " + TwoDigits(utc.tm_mday) + ' ';
  text += kMonths[static_cast<std::size_t>(utc.tm_mon)];
  text += ' ' + std::to_string(utc.tm_year + 1900) + ' ' + TwoDigits(utc.tm_hour) + ':' +
          TwoDigits(utc.tm_min) + ':' + TwoDigits(utc.tm_sec) + " GMT";
  return text;
}

std::string ResponseText(const Response& response, const ResponseContext& context) {
  if (!IsSendable(response)) return ResponseText(Problem(500, ""), context);
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out.reserve(512 + response.body.size());
  out.append(ReasonPhrase(response.status)).append("\r\n");
  Append(out, "Date", HttpDate(context.now));
  if (!response.content_type.empty()) Append(out, "Content-Type", response.content_type);
  if (!HasNoBody(response.status)) {
    Append(out, "Content-Length", std::to_string(response.body.size()));
  }
  if (const auto connection = ConnectionHeader(context); !connection.empty()) {
    Append(out, "Connection", connection);
  }
  AppendDefaults(out, response);
  for (const auto& [name, value] : response.headers) {
    const bool repeated = EqualNoCase(name, "Content-Type") && !response.content_type.empty();
    if (!repeated && !IsServersOwn(name)) Append(out, name, value);
  }
  out += "\r\n";
  if (!context.to_head && !HasNoBody(response.status)) out += response.body;
  return out;
}

}  // namespace auditflow::http
