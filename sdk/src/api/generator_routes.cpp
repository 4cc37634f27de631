#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "auditflow/api/generator.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/alert_intake.hpp"
#include "src/api/alert_problem.hpp"
#include "src/api/request_body.hpp"

namespace auditflow::api {
namespace {

constexpr std::string_view kReadScope = "rate:read";
constexpr std::string_view kWriteScope = "rate:write";
constexpr std::array<std::string_view, 1> kRateMembers = {"events_per_second"};
constexpr std::array<std::string_view, 1> kMixMembers = {"mix"};

/// Whatever keeps the broker from taking an event, it is for the client to come again; later if a
/// person has to mend it first.
http::Response NotTaken(const Status& status) {
  http::Response response =
      http::Problem(503, "The broker has not confirmed the event: " + status.message());
  return response.Set("Retry-After", status.retryable() ? "1" : "30");
}

class EventRequests {
 public:
  EventRequests(generate::EventCompleter& completer, broker::Publisher& publisher,
                observe::GeneratorMetrics& metrics, EventRequestOptions options)
      : completer_(completer),
        publisher_(publisher),
        metrics_(metrics),
        options_(std::move(options)) {}

  [[nodiscard]] http::Response Take(const http::Request& request) {
    if (!MayBeJson(request)) return NotJson();
    Result<generate::CompletedEvent> event = completer_.Complete(request.body);
    if (!event) return ContractError(event.error());
    metrics_.events.With({event->event_type, event->server_hostname, event->action_result})
        .Increment();
    if (Status status = Publish(*event); !status.ok()) {
      metrics_.published_failure.Increment();
      return NotTaken(status);
    }
    metrics_.published_success.Increment();
    return http::Response::Json(202,
                                R"({"status":"success","event_id":")" + event->event_id + R"("})");
  }

 private:
  [[nodiscard]] Status Publish(generate::CompletedEvent& event) {
    if (options_.ready) {
      if (Status status = options_.ready(); !status.ok()) return status;
    }
    broker::Message message;
    message.body = std::move(event.body);
    message.message_id = event.event_id;
    const std::size_t waiting = ++waiting_;
    Status published = PublishAs(waiting, message);
    --waiting_;
    return published;
  }

  /// @param waiting how many requests wait, with this one
  [[nodiscard]] Status PublishAs(std::size_t waiting, const broker::Message& message) {
    const bool takes_last = options_.threads > 0 && waiting >= options_.threads;
    // With one thread alone somebody has to try.
    if (takes_last && waiting > 1 && hangs_) {
      return Unavailable("too many requests wait for a confirm already");
    }
    const Duration timeout = takes_last ? std::min(options_.confirm_timeout, options_.last_timeout)
                                        : options_.confirm_timeout;
    Status published = publisher_.Publish({&message, 1}, timeout);
    if (published.ok()) {
      hangs_ = false;
    } else if (takes_last && published.code() == StatusCode::kDeadlineExceeded) {
      hangs_ = true;
    }
    return published;
  }

  generate::EventCompleter& completer_;
  broker::Publisher& publisher_;
  observe::GeneratorMetrics& metrics_;
  const EventRequestOptions options_;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<bool> hangs_ = false;  // who took the last thread has waited in vain
};

/// The shortest form that reads back as the same number; what JSON has no number for is the
/// greatest one.
std::string JsonNumber(double number) {
  std::array<char, 32> text;
  const double finite = std::min(number, kMaxRate);
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), finite);
  return error == std::errc() ? std::string(text.data(), end) : "0";
}

http::Response Rate(const pipeline::EventFeed& feed) {
  return http::Response::Json(200, R"({"events_per_second":)" + JsonNumber(feed.rate()) +
                                       R"(,"measured_events_per_second":)" +
                                       JsonNumber(feed.MeasuredRate()) + R"(,"published":)" +
                                       std::to_string(feed.published()) + "}");
}

Result<double> ReadRate(const http::Request& request) {
  const Result<RequestBody> body = RequestBody::Parse(request.body, kRateMembers);
  if (!body) return Error(body.error());
  const Result<std::optional<double>> rate = body->Real(kRateMembers[0], 0, kMaxRate);
  if (!rate) return Error(rate.error());
  if (!*rate) return Error(InvalidArgument("events_per_second: is missing"));
  return **rate;
}

http::Response SetRate(const http::Request& request, pipeline::EventFeed& feed) {
  if (!MayBeJson(request)) return NotJson();
  const Result<double> rate = ReadRate(request);
  if (!rate) return BadRequest(rate.error());
  if (Status status = feed.SetRate(*rate); !status.ok()) return BadRequest(status);
  return Rate(feed);
}

/// The mix in use, by name.
class Mix {
 public:
  Mix(generate::EventGenerator& generator, std::string current)
      : generator_(generator), current_(std::move(current)) {}

  [[nodiscard]] http::Response Show() const {
    const std::scoped_lock lock(mutex_);
    std::string body = R"({"mix":)";
    event::AppendJsonString(current_, body);
    body += R"(,"mixes":[)";
    for (const generate::TrafficMix& mix : generate::TrafficMixes()) {
      body += body.back() == '[' ? R"({"name":)" : R"(,{"name":)";
      event::AppendJsonString(mix.name, body);
      body += R"(,"summary":)";
      event::AppendJsonString(mix.summary, body);
      body += '}';
    }
    return http::Response::Json(200, body + "]}");
  }

  http::Response Set(const http::Request& request) {
    if (!MayBeJson(request)) return NotJson();
    const Result<generate::TrafficMix> mix = Read(request);
    if (!mix) return BadRequest(mix.error());
    {
      const std::scoped_lock lock(mutex_);
      generator_.Use(*mix);
      current_ = mix->name;
    }
    return Show();
  }

 private:
  static Result<generate::TrafficMix> Read(const http::Request& request) {
    const Result<RequestBody> body = RequestBody::Parse(request.body, kMixMembers);
    if (!body) return Error(body.error());
    const Result<std::optional<std::string>> name = body->Text(kMixMembers[0]);
    if (!name) return Error(name.error());
    if (!*name) return Error(InvalidArgument("mix: is missing"));
    Result<generate::TrafficMix> mix = generate::FindTrafficMix(**name);
    return mix ? mix : Error(mix.error().WithContext("mix"));
  }

  generate::EventGenerator& generator_;
  mutable std::mutex mutex_;
  std::string current_;
};

}  // namespace

void AddEventRequestRoute(http::Router& router, generate::EventCompleter& completer,
                          broker::Publisher& publisher, observe::GeneratorMetrics& metrics,
                          EventRequestOptions options) {
  auto requests =
      std::make_shared<EventRequests>(completer, publisher, metrics, std::move(options));
  router.Post(
      "/generate_event",
      [requests = std::move(requests)](const http::Request& request) {
        return requests->Take(request);
      },
      "events:write");
}

void AddRateRoutes(http::Router& router, pipeline::EventFeed& feed) {
  router.Get(
      "/rate", [&feed](const http::Request&) { return Rate(feed); }, std::string(kReadScope));
  router.Put(
      "/rate", [&feed](const http::Request& request) { return SetRate(request, feed); },
      std::string(kWriteScope));
}

void AddMixRoutes(http::Router& router, generate::EventGenerator& generator, std::string current) {
  const auto mix = std::make_shared<Mix>(generator, std::move(current));
  router.Get(
      "/mix", [mix](const http::Request&) { return mix->Show(); }, std::string(kReadScope));
  router.Put(
      "/mix", [mix](const http::Request& request) { return mix->Set(request); },
      std::string(kWriteScope));
}

}  // namespace auditflow::api
