#include "src/api/page.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "auditflow/http/problem.hpp"

#include "src/api/html.hpp"

#include "embedded/page_style.hpp"

namespace auditflow::api {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

// Only these become class names: a severity is a text of the alert's producer.
constexpr std::array<std::string_view, 5> kSeverityClasses = {"critical", "high", "medium",
                                                              "warning", "low"};

constexpr std::size_t kMaxSeverityBytes = 60;

/// FNV-1a: another style has another address, so that no browser keeps an old one.
constexpr std::uint32_t Fingerprint(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}
constexpr std::uint32_t kStyleVersion = Fingerprint(kPageStyle);

void AppendMoment(std::string_view name, Timestamp time, Timestamp now, std::string& out) {
  out.append("<dt>").append(name).append("</dt><dd>");
  AppendTime(time, out);
  out += " UTC <span class=\"dim\">(" + Age(time, now) + ")</span></dd>\n";
}

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
      "<link rel=\"stylesheet\" href=\"/assets/style.css?v=" +
      std::to_string(kStyleVersion) + "\">\n</head>\n";
}

}  // namespace

http::Response MakePage(int status, const PageFrame& frame, std::string_view main) {
  std::string out;
  AppendHead(frame, out);
  out += "<body>\n<header><a class=\"name\" href=\"/\">" + Escaped(frame.product) +
         "</a><span class=\"state\">" + Escaped(frame.state) + "</span></header>\n<main>\n";
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

http::Response MakeAwayPage(const SourceFailure& failure, Timestamp now,
                            std::chrono::seconds refresh, const PageOptions& options) {
  if (failure.status.code() == StatusCode::kInvalidArgument) {
    return MakeErrorPage(400, failure.status.message(), options);
  }
  std::string main =
      "<h1>The alerts cannot be read now</h1>\n<div class=\"card notice\" role=\"alert\">\n<p>" +
      Escaped(failure.what) + " does not give them.</p>\n<dl>\n";
  if (failure.since) AppendMoment("Since", *failure.since, now, main);
  if (!failure.reason.empty()) main += "<dt>Reason</dt><dd>" + Escaped(failure.reason) + "</dd>\n";
  if (failure.last_success) AppendMoment("Last answer", *failure.last_success, now, main);
  main += "</dl>\n</div>\n<p class=\"dim\">";
  if (refresh.count() > 0) {
    main += "This page asks again every " + std::to_string(refresh.count()) + " s. ";
  }
  main += "<a href=\"/\">All alerts</a></p>\n";
  const PageFrame frame{.title = "Alerts cannot be read – " + options.title,
                        .product = options.title,
                        .state = "as of " + ShortTime(now) + " UTC",
                        .refresh_seconds = refresh.count()};
  http::Response response = MakePage(503, frame, main);
  response.Set("Retry-After", std::to_string(std::max<long>(1, frame.refresh_seconds)));
  return response;
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
  out += EscapedUpTo(severity, kMaxSeverityBytes);
  out += "</span>";
}

std::string ShortTime(Timestamp time) {
  constexpr std::size_t kToTheSecond = 19;
  std::string text = time.ToString().substr(0, kToTheSecond);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

void AppendTime(Timestamp time, std::string& out) {
  const std::string text = time.ToString();
  out += "<time datetime=\"" + text + "\" title=\"" + text + "\">" + ShortTime(time) + "</time>";
}

std::string_view StatusLabel(store::AlertStatus status) {
  switch (status) {
    case store::AlertStatus::kOpen:
      return "Open";
    case store::AlertStatus::kAcknowledged:
      return "Acknowledged";
    case store::AlertStatus::kResolved:
      return "Resolved";
    case store::AlertStatus::kFalsePositive:
      return "False positive";
  }
  return "";
}

void AppendState(const store::AlertState& state, std::string& out) {
  if (state.status == store::AlertStatus::kOpen && !state.deleted) return;
  const std::string_view label = state.deleted ? "Deleted" : StatusLabel(state.status);
  out.append(" <span class=\"tag\">").append(label).append("</span>");
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
