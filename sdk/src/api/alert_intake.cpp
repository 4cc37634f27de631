#include "src/api/alert_intake.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/alert_changes.hpp"
#include "src/api/alert_problem.hpp"
#include "src/api/request_body.hpp"

namespace auditflow::api {
namespace {

using store::InsertOutcome;
using store::InsertResult;

constexpr std::string_view kWrapper = "{\"alerts\":";
constexpr std::string_view kOffset = "offset ";

/// "offset 15: reason" as it would read without the wrapper.
Status Unwrapped(const Status& status, std::size_t body_bytes) {
  const std::string& message = status.message();
  std::size_t offset = 0;
  if (!message.starts_with(kOffset)) return InvalidArgument(message);
  const auto [end, error] =
      std::from_chars(message.data() + kOffset.size(), message.data() + message.size(), offset);
  if (error != std::errc() || offset < kWrapper.size()) return InvalidArgument(message);
  offset = std::min(offset - kWrapper.size(), body_bytes);
  return InvalidArgument(std::string(kOffset) + std::to_string(offset) + std::string(end));
}

bool IsArray(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '[';
}

/// The elements of a JSON array as texts; every value stays as it was written.
Result<std::vector<std::string>> Elements(std::string_view body) {
  std::string wrapped(kWrapper);
  wrapped.append(body).append("}");
  const Result<event::Event> document = event::EventParser().Parse(wrapped);
  if (!document) return Error(Unwrapped(document.error(), body.size()));
  const std::optional<event::Value> array = document->root().Find("alerts");
  std::size_t members = 0;
  document->root().ForEachMemberValue([&members](event::Value) { ++members; });
  // "[],…" would otherwise smuggle members into the wrapper.
  if (members != 1 || !array || !array->is_array()) {
    return Error(InvalidArgument("the body: must be one alert or one array of alerts"));
  }
  std::vector<std::string> texts;
  array->ForEachElement(
      [&](event::Value element) { event::AppendJson(element, *document, texts.emplace_back()); });
  return texts;
}

/// What becomes of one request's alerts.
class Intake {
 public:
  Intake(store::AlertStore& store, const AlertWriteOptions& options, bool in_array)
      : store_(store), options_(options), in_array_(in_array) {}

  void Add(std::string_view json) {
    Item& item = items_.emplace_back();
    Result<alert::Alert> alert = alert::FromJson(json);
    if (alert) {
      item.alert = alerts_.size();
      alerts_.push_back(*std::move(alert));
    } else {
      item.result = {InsertOutcome::kRejected, alert.error().message()};
      ++malformed_;
    }
  }

  /// @return the store's failure; nothing is stored then.
  Status Store() {
    if (!alerts_.empty()) {
      Result<std::vector<InsertResult>> results = store_.Insert(alerts_);
      if (!results) return results.error();
      for (Item& item : items_) {
        if (item.alert) item.result = std::move((*results)[*item.alert]);
      }
    }
    Count();
    return {};
  }

  [[nodiscard]] http::Response Answer() const {
    if (refused_ == items_.size() && refused_ > 0) {
      const std::string place = in_array_ ? "the first of " + std::to_string(refused_) + ": " : "";
      return BadRequest(InvalidArgument(place + items_.front().result.reason));
    }
    http::Response response = http::Response::Json(HttpStatus(), Body());
    if (!in_array_ && stored_ == 1) {
      response.Set("Location", "/alerts/" + alerts_.front().alert_id.ToString());
    }
    return response;
  }

 private:
  struct Item {
    std::optional<std::size_t> alert = {};  ///< which of `alerts_`; none if it is malformed
    InsertResult result = {};
  };

  void Count() {
    for (const Item& item : items_) {
      stored_ += item.result.outcome == InsertOutcome::kInserted ? 1 : 0;
      refused_ += item.result.outcome == InsertOutcome::kRejected ? 1 : 0;
      if (item.result.outcome == InsertOutcome::kInserted && options_.on_stored) {
        options_.on_stored(alerts_[*item.alert]);
      }
    }
    if (options_.metrics == nullptr) return;
    observe::Ledger& ledger = options_.metrics->alerts;
    ledger.received.Increment(static_cast<double>(items_.size()));
    ledger.processed.Increment(static_cast<double>(stored_));
    ledger.duplicate.Increment(static_cast<double>(Duplicates()));
    ledger.Rejected("malformed", static_cast<double>(malformed_));
    ledger.Rejected("rejected_by_store", static_cast<double>(refused_ - malformed_));
  }

  [[nodiscard]] std::size_t Duplicates() const { return items_.size() - stored_ - refused_; }

  [[nodiscard]] int HttpStatus() const {
    if (refused_ > 0) return 207;
    return stored_ > 0 ? 201 : 200;
  }

  void AppendItem(const Item& item, std::string& out) const {
    out += "{\"alert_id\":";
    out += item.alert ? '"' + alerts_[*item.alert].alert_id.ToString() + '"' : "null";
    if (item.result.outcome == InsertOutcome::kRejected) {
      out += ",\"outcome\":\"refused\",\"reason\":";
      event::AppendJsonString(item.result.reason, out);
    } else {
      const bool is_new = item.result.outcome == InsertOutcome::kInserted;
      out += is_new ? ",\"outcome\":\"stored\"" : ",\"outcome\":\"duplicate\"";
    }
    out += '}';
  }

  [[nodiscard]] std::string Body() const {
    std::string body = "{\"stored\":" + std::to_string(stored_) +
                       ",\"duplicates\":" + std::to_string(Duplicates()) +
                       ",\"refused\":" + std::to_string(refused_) + ",\"results\":[";
    for (const Item& item : items_) {
      if (&item != items_.data()) body += ',';
      AppendItem(item, body);
    }
    return body + "]}";
  }

  store::AlertStore& store_;
  const AlertWriteOptions& options_;
  const bool in_array_;
  std::vector<Item> items_;
  std::vector<alert::Alert> alerts_;
  std::size_t stored_ = 0;
  std::size_t refused_ = 0;
  std::size_t malformed_ = 0;
};

http::Response TooMany(std::size_t count, std::size_t most) {
  return BadRequest(InvalidArgument("the body: has " + std::to_string(count) + " alerts, at most " +
                                    std::to_string(most) + " can be sent at once"),
                    413);
}

}  // namespace

http::Response NotJson() {
  return BadRequest(InvalidArgument("Content-Type: must be application/json"), 415);
}

http::Response PostAlerts(const http::Request& request, store::AlertStore& store,
                          const AlertWriteOptions& options) {
  if (!MayBeJson(request)) return NotJson();
  const bool in_array = IsArray(request.body);
  Intake intake(store, options, in_array);
  if (in_array) {
    const Result<std::vector<std::string>> texts = Elements(request.body);
    if (!texts) return BadRequest(texts.error());
    if (texts->size() > options.max_alerts) return TooMany(texts->size(), options.max_alerts);
    for (const std::string& text : *texts) intake.Add(text);
  } else {
    intake.Add(request.body);
  }
  if (Status status = intake.Store(); !status.ok()) return StoreProblem(status);
  return intake.Answer();
}

void AddAlertWriteRoutes(http::Router& router, store::AlertStore& store,
                         const AlertWriteOptions& options) {
  const std::string scope = "alerts:write";
  router.Post(
      "/alerts",
      [&store, options](const http::Request& request) {
        return PostAlerts(request, store, options);
      },
      scope);
  router.Patch(
      "/alerts/{id}", [&store](const http::Request& request) { return PatchAlert(request, store); },
      scope);
  router.Delete(
      "/alerts/{id}",
      [&store](const http::Request& request) { return DeleteAlert(request, store); }, scope);
}

}  // namespace auditflow::api
