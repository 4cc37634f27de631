#include <array>
#include <utility>

#include "auditflow/api/events.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/alert_problem.hpp"
#include "src/api/event_request.hpp"

namespace auditflow::api {
namespace {

std::string PageJson(const store::EventPage& page) {
  std::string json = "{\"events\":[";
  for (const store::ArchivedEvent& event : page.events) {
    AppendArchivedEvent(event, json);
    json += ',';
  }
  if (json.back() == ',') json.pop_back();
  json += "],\"next_cursor\":";
  if (page.next) {
    event::AppendJsonString(EncodeEventCursor(*page.next), json);
  } else {
    json += "null";
  }
  return json + "}";
}

http::Response ListEvents(const http::Request& request, store::EventReader& events,
                          const EventsOptions& options) {
  const Result<store::EventQuery> query = ReadEventQuery(request, options);
  if (!query) return BadRequest(query.error());
  const Result<store::EventPage> page = events.List(*query);
  return page ? http::Response::Json(200, PageJson(*page)) : StoreProblem(page.error());
}

http::Response GetEvent(const http::Request& request, store::EventReader& events) {
  const Result<Uuid> id = Uuid::Parse(request.Param("id"));
  if (!id) return BadRequest(InvalidArgument("id: is no UUID"));
  const auto found = events.Get(*id);
  if (!found) return StoreProblem(found.error());
  if (!*found) return http::Problem(404, "there is no event " + id->ToString());
  std::string json;
  AppendArchivedEvent(**found, json);
  return http::Response::Json(200, std::move(json));
}

http::Response GetStats(const http::Request& request, store::EventReader& events, Timestamp now) {
  const Result<store::StatsQuery> query = ReadStatsQuery(request, now);
  if (!query) return BadRequest(query.error());
  const Result<store::EventStats> stats = events.Stats(*query);
  return stats ? http::Response::Json(200, StatsJson(*query, *stats)) : StoreProblem(stats.error());
}

constexpr std::array<const char*, 3> kPaths = {"/events", "/events/{id}", "/stats"};
constexpr const char* kScope = "events:read";

}  // namespace

void AddMissingEventRoutes(http::Router& router) {
  for (const char* path : kPaths) {
    router.Get(
        path,
        [](const http::Request&) { return http::Problem(404, "there is no archive of events"); },
        kScope);
  }
}

void AddEventRoutes(http::Router& router, store::EventReader& events, const EventsOptions& options,
                    const Clock& clock) {
  router.Get(
      "/events",
      [&events, options](const http::Request& request) {
        return ListEvents(request, events, options);
      },
      kScope);
  router.Get(
      "/events/{id}", [&events](const http::Request& request) { return GetEvent(request, events); },
      kScope);
  router.Get(
      "/stats",
      [&events, &clock](const http::Request& request) {
        return GetStats(request, events, clock.Now());
      },
      kScope);
}

}  // namespace auditflow::api
