#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "auditflow/api/notifications.hpp"
#include "auditflow/http/problem.hpp"

namespace auditflow::api {
namespace {

using nlohmann::ordered_json;

std::string Dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// Null for the epoch, which stands for never.
ordered_json TimeOrNull(Timestamp t) {
  return t == Timestamp() ? ordered_json() : ordered_json(t.ToString());
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

ordered_json DeadJson(const store::DeadEntry& entry) {
  return {{"id", entry.id},
          {"channel", entry.channel},
          {"alert_id", entry.alert_id.ToString()},
          {"idempotency_key", entry.idempotency_key},
          {"attempts", entry.attempts},
          {"queued_at", entry.queued_at.ToString()},
          {"dead_at", entry.dead_at.ToString()},
          {"reason", entry.reason}};
}

/// What this program knows of a channel, and what the outbox holds of it; either may be missing.
struct Channel {
  std::optional<notify::ChannelState> state;
  store::OutboxNumbers numbers;
};

ordered_json ChannelJson(const std::string& name, const Channel& channel) {
  const store::OutboxNumbers& numbers = channel.numbers;
  ordered_json json = {{"channel", name},
                       {"configured", channel.state.has_value()},
                       {"pending", numbers.pending},
                       {"dead", numbers.dead}};
  json["oldest_pending"] = TimeOrNull(numbers.oldest_pending.value_or(Timestamp()));
  if (!channel.state) return json;
  const notify::ChannelState& state = *channel.state;
  json["receiver"] = state.receiver;
  json["breaker"] = ToString(state.breaker);
  json["failures_in_a_row"] = state.failures_in_a_row;
  json["resumes_at"] = TimeOrNull(state.resumes_at);
  json["last_error"] = state.last_error.empty() ? ordered_json() : ordered_json(state.last_error);
  json["last_error_at"] = TimeOrNull(state.last_error_at);
  json["last_delivered_at"] = TimeOrNull(state.last_delivered_at);
  json["delivered"] = state.delivered;
  json["retried"] = state.retried;
  json["dead_lettered"] = state.dead_lettered;
  return json;
}

class NotificationRoutes {
 public:
  NotificationRoutes(store::Outbox& outbox, NotificationRouteOptions options)
      : outbox_(outbox), options_(std::move(options)) {}

  [[nodiscard]] http::Response Channels() const;
  [[nodiscard]] http::Response Dead(const http::Request& request) const;
  [[nodiscard]] http::Response Replay(const http::Request& request) const;
  [[nodiscard]] http::Response ReplayChannel(const http::Request& request) const;
  [[nodiscard]] http::Response Discard(const http::Request& request) const;

 private:
  void Announce() const {
    if (options_.on_replay) options_.on_replay();
  }
  /// Applies a change to the entry that the path names.
  template <class Change>
  [[nodiscard]] http::Response ChangeOne(const http::Request& request, const Change& change) const;

  store::Outbox& outbox_;
  const NotificationRouteOptions options_;
};

http::Response NotificationRoutes::Channels() const {
  std::map<std::string, Channel> channels;
  if (options_.channels) {
    for (notify::ChannelState& state : options_.channels()) {
      const std::string name = state.channel;
      channels[name].state = std::move(state);
    }
  }
  const auto all = outbox_.Numbers();
  if (!all) return http::ProblemFrom(all.error());
  for (const store::OutboxNumbers& numbers : *all) channels[numbers.channel].numbers = numbers;
  auto list = ordered_json::array();
  for (const auto& [name, channel] : channels) list.push_back(ChannelJson(name, channel));
  return http::Response::Json(200, Dump({{"channels", std::move(list)}}));
}

http::Response NotificationRoutes::Dead(const http::Request& request) const {
  store::DeadQuery query;
  query.channel = request.Query("channel").value_or("");
  const auto limit = request.Query("limit");
  const auto wanted = limit ? ParseNumber(*limit) : options_.default_limit;
  if (!wanted || *wanted == 0) return http::Problem(400, "limit: is no positive whole number");
  query.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(*wanted, options_.max_limit));
  const std::string_view cursor = request.Query("cursor").value_or("");
  if (!cursor.empty()) {
    query.after = ParseNumber(cursor);
    if (!query.after) return http::Problem(400, "cursor: is none that this list gave");
  }
  const auto page = outbox_.ListDead(query);
  if (!page) return http::ProblemFrom(page.error());
  auto list = ordered_json::array();
  for (const store::DeadEntry& entry : *page) list.push_back(DeadJson(entry));
  ordered_json next;
  if (page->size() == query.limit) next = std::to_string(page->back().id);
  return http::Response::Json(
      200, Dump({{"notifications", std::move(list)}, {"next_cursor", std::move(next)}}));
}

template <class Change>
http::Response NotificationRoutes::ChangeOne(const http::Request& request,
                                             const Change& change) const {
  const auto id = ParseNumber(request.Param("id"));
  if (!id) return http::Problem(400, "id: is no whole number");
  const Result<std::uint64_t> changed = change(std::span<const std::uint64_t>(&*id, 1));
  if (!changed) return http::ProblemFrom(changed.error());
  if (*changed == 0) return http::Problem(404, "there is no such notification that was given up");
  http::Response done;
  done.status = 204;
  return done;
}

http::Response NotificationRoutes::Replay(const http::Request& request) const {
  http::Response response = ChangeOne(
      request, [this](std::span<const std::uint64_t> ids) { return outbox_.Replay(ids); });
  if (response.status == 204) Announce();
  return response;
}

http::Response NotificationRoutes::Discard(const http::Request& request) const {
  return ChangeOne(request,
                   [this](std::span<const std::uint64_t> ids) { return outbox_.Discard(ids); });
}

http::Response NotificationRoutes::ReplayChannel(const http::Request& request) const {
  const std::string_view channel = request.Query("channel").value_or("");
  if (channel.empty()) return http::Problem(400, "channel: is missing");
  const auto replayed = outbox_.ReplayChannel(channel);
  if (!replayed) return http::ProblemFrom(replayed.error());
  if (*replayed > 0) Announce();
  return http::Response::Json(200, Dump({{"replayed", *replayed}}));
}

}  // namespace

void AddNotificationRoutes(http::Router& router, store::Outbox& outbox,
                           NotificationRouteOptions options) {
  const auto routes = std::make_shared<NotificationRoutes>(outbox, std::move(options));
  const auto get = [&](std::string_view pattern, http::Handler handler) {
    router.Get(pattern, std::move(handler), "notifications:read");
  };
  const auto post = [&](std::string_view pattern, http::Handler handler) {
    router.Post(pattern, std::move(handler), "notifications:write");
  };
  get("/notifications/channels", [routes](const http::Request&) { return routes->Channels(); });
  get("/notifications/dead",
      [routes](const http::Request& request) { return routes->Dead(request); });
  post("/notifications/dead/replay",
       [routes](const http::Request& request) { return routes->ReplayChannel(request); });
  post("/notifications/dead/{id}/replay",
       [routes](const http::Request& request) { return routes->Replay(request); });
  router.Delete(
      "/notifications/dead/{id}",
      [routes](const http::Request& request) { return routes->Discard(request); },
      "notifications:write");
}

}  // namespace auditflow::api
