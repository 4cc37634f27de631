#include "src/api/page.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "auditflow/http/problem.hpp"

#include "src/api/html.hpp"

namespace auditflow::api {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

// Only these become class names: a severity is a text of the alert's producer.
constexpr std::array<std::string_view, 5> kSeverityClasses = {"critical", "high", "medium",
                                                              "warning", "low"};

void AppendHead(const PageFrame& frame, std::string& out) {
  out +=
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  if (frame.refresh_seconds > 0) {
    out +=
        "<meta http-equiv=\"refresh\" content=\"" + std::to_string(frame.refresh_seconds) + "\">\n";
  }
  out += "<title>" + Escaped(frame.title) + "</title>\n";
  out +=
      "<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n"
      "<link rel=\"stylesheet\" href=\"/assets/style.css\">\n</head>\n";
}

}  // namespace

http::Response MakePage(int status, const PageFrame& frame, std::string_view main) {
  std::string out;
  AppendHead(frame, out);
  out += "<body>\n<header><img src=\"/assets/icon.svg\" alt=\"\"><a class=\"name\" href=\"/\">" +
         Escaped(frame.product) + "</a><span class=\"state\">" + Escaped(frame.state) +
         "</span></header>\n<main>\n";
  out += main;
  out += "</main>\n</body>\n</html>\n";
  http::Response response = http::Response::Html(status, std::move(out));
  response.Set("Content-Security-Policy", kPolicy);
  response.Set("Cache-Control", "no-store");
  return response;
}

http::Response MakeErrorPage(int status, std::string_view message, const PageOptions& options) {
  const std::string title(http::ReasonPhrase(status));
  const std::string main = "<h1>" + Escaped(title) + "</h1>\n<p class=\"lead\">" +
                           Escaped(message) + "</p>\n<p><a href=\"/\">All alerts</a></p>\n";
  return MakePage(status, {.title = title, .product = options.title, .state = {}}, main);
}

void AppendSeverity(std::string_view severity, std::string& out) {
  std::string name(severity);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const bool known = std::ranges::find(kSeverityClasses, name) != kSeverityClasses.end();
  out += "<span class=\"severity";
  if (known) out += " " + name;
  out += "\">";
  AppendEscaped(severity, out);
  out += "</span>";
}

void AppendTime(Timestamp time, std::string& out) {
  constexpr std::size_t kToTheSecond = 19;
  const std::string text = time.ToString();
  std::string shown = text.substr(0, kToTheSecond);
  std::ranges::replace(shown, 'T', ' ');
  out += "<time datetime=\"" + text + "\" title=\"" + text + "\">" + shown + "</time>";
}

std::string Age(Timestamp time, Timestamp now) {
  using namespace std::chrono;
  const std::int64_t age = duration_cast<seconds>(now - time).count();
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (age < -kMinute) return "in the future";
  if (age < 2) return "just now";
  if (age < 2 * kMinute) return std::to_string(age) + " s ago";
  if (age < 2 * kHour) return std::to_string(age / kMinute) + " min ago";
  if (age < 2 * kDay) return std::to_string(age / kHour) + " h ago";
  return std::to_string(age / kDay) + " d ago";
}

}  // namespace auditflow::api
