#include "src/api/remote_answer.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "auditflow/core/utf8.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/json_parts.hpp"
#include "src/api/json_value.hpp"
#include "src/api/remote_row.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxQuotedBytes = 200;

std::optional<std::uint64_t> ReadNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string FilterParameters(const store::AlertQuery& query) {
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out.append("&").append(name).append("=").append(http::EscapeUri(value));
  };
  add("severity", query.severity);
  add("alert_type", query.alert_type);
  add("rule_id", query.rule_id);
  add("actor_id", query.actor_id);
  add("server_hostname", query.server_hostname);
  add("since", query.since ? query.since->ToString() : "");
  add("until", query.until ? query.until->ToString() : "");
  add("status", query.status ? ToString(*query.status) : "");
  add("q", query.text);
  add("include_deleted", query.include_deleted ? "true" : "");
  return out;
}

tl::unexpected<Status> AnswerReader::Malformed(std::string_view what) const {
  return Error(Named(DataLoss("the answer " + std::string(what))));
}

/// What the service says about it, in one of the forms that the contract and RFC 9457 know.
std::string AnswerReader::Said(std::string_view otherwise) const {
  const Result<JsonValue> body = ParseJsonValue(answer_.body);
  if (body && body->value.is_object()) {
    for (const std::string_view name : {"error", "detail", "message"}) {
      const std::string text = TextOf(*body, name);
      if (!text.empty()) return std::string(CutUtf8(text, kMaxQuotedBytes));
    }
  }
  return std::string(otherwise);
}

Status AnswerReader::Judge() const {
  const int status = answer_.status;
  if (status == 200) return {};
  if (status == 400) return Named(InvalidArgument(Said("refuses the request (400)")));
  const std::string answered =
      "answers " + std::to_string(status) + " " + std::string(http::ReasonPhrase(status));
  if (status == 401) {
    return Named(Status(StatusCode::kUnauthenticated, answered + ": it wants another token"));
  }
  if (status == 403) {
    return Named(Status(StatusCode::kPermissionDenied,
                        answered + ": the token does not allow reading alerts"));
  }
  if (status == 429 || status >= 500)
    return Named(Unavailable(answered + ": " + Said("no reason given")));
  return Named(FailedPrecondition(answered + ": is that a notification service?"));
}

std::optional<std::uint64_t> AnswerReader::TotalHeader() const {
  return ReadNumber(answer_.Header("X-Total-Count"));
}

Result<RemoteAlertPage> AnswerReader::Page(std::size_t max_rows) const {
  if (Status status = Judge(); !status.ok()) return Error(std::move(status));
  const std::optional<JsonElements> rows = CutArray(answer_.body, max_rows);
  if (!rows) return Malformed("is no JSON array of alerts");
  RemoteAlertPage page;
  page.more = rows->more;
  page.rows = static_cast<std::uint32_t>(rows->texts.size());
  page.total = TotalHeader();
  page.filtered = page.total.has_value();
  for (std::size_t i = 0; i < rows->texts.size(); ++i) {
    Result<RemoteAlert> alert = ReadRemoteAlert(rows->texts[i]);
    if (alert) {
      page.alerts.push_back(std::move(*alert));
    } else {
      page.unreadable.push_back("row " + std::to_string(i + 1) + ": " + alert.error().message());
    }
  }
  return page;
}

bool AnswerReader::IsMissingAlert() const {
  if (answer_.status != 404) return false;
  const Result<JsonValue> body = ParseJsonValue(answer_.body);
  return body && body->value.is_object() && !TextOf(*body, "message").empty();
}

Result<std::optional<RemoteAlert>> AnswerReader::Alert(const Uuid& alert_id) const {
  if (IsMissingAlert()) return std::nullopt;
  if (Status status = Judge(); !status.ok()) return Error(std::move(status));
  Result<RemoteAlert> alert = ReadRemoteAlert(answer_.body);
  if (!alert) return Malformed("is no alert: " + alert.error().message());
  if (alert->stored.alert.alert_id != alert_id) return Malformed("is about another alert");
  return std::move(*alert);
}

Result<std::uint64_t> AnswerReader::Total() const {
  if (Status status = Judge(); !status.ok()) return Error(std::move(status));
  if (const std::optional<std::uint64_t> total = TotalHeader()) return *total;
  return Error(Named(Unimplemented("this service does not count alerts")));
}

Result<std::vector<store::FacetCount>> AnswerReader::Facet(std::string_view name) const {
  // To a service that knows no facets that word is an alert's id, and a bad one.
  if (answer_.status == 400 || answer_.status == 404) {
    return Error(Named(Unimplemented("this service does not count alerts by value")));
  }
  if (Status status = Judge(); !status.ok()) return Error(std::move(status));
  const Result<JsonValue> body = ParseJsonValue(answer_.body);
  if (!body) return Malformed(body.error().message());
  const std::optional<event::Value> facets = body->value.Find("facets");
  const std::optional<event::Value> facet = facets ? facets->Find(name) : std::nullopt;
  if (!facet || !facet->is_array()) return Malformed("has no counts of " + std::string(name));
  std::vector<store::FacetCount> counts;
  facet->ForEachElement([&](event::Value entry) {
    const std::optional<event::Value> value = entry.Find("value");
    const std::optional<event::Value> count = entry.Find("count");
    if (!value || !count) return;
    counts.push_back({.value = TextOf(*value, body->document),
                      .count = ReadNumber(TextOf(*count, body->document)).value_or(0)});
  });
  return counts;
}

Result<std::vector<store::AlertState>> AnswerReader::States() const {
  if (IsMissingAlert()) return std::vector<store::AlertState>();
  if (answer_.status == 404) {
    return Error(Named(Unimplemented("this service keeps no history of alerts")));
  }
  if (Status status = Judge(); !status.ok()) return Error(std::move(status));
  constexpr std::size_t kMaxStates = 100'000;
  const std::optional<JsonElements> elements = CutArray(answer_.body, kMaxStates);
  if (!elements || elements->more) return Malformed("is no JSON array of states");
  std::vector<store::AlertState> states;
  for (const std::string_view text : elements->texts) {
    const Result<JsonValue> object = ParseJsonValue(text);
    if (!object) return Malformed(object.error().message());
    Result<store::AlertState> state = ReadAlertState(*object);
    if (!state) return Malformed(state.error().message());
    states.push_back(std::move(*state));
  }
  return states;
}

}  // namespace auditflow::api
