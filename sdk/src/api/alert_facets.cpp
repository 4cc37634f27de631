#include "src/api/alert_facets.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/api/alerts.hpp"
#include "auditflow/core/utf8.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/api/alert_problem.hpp"
#include "src/api/alert_request.hpp"

namespace auditflow::api {
namespace {

using store::AlertFacet;

constexpr AlertsOptions kValues = {.default_limit = 100, .max_limit = 1000};
constexpr std::size_t kMaxQuotedBytes = 100;

constexpr std::array<std::pair<std::string_view, AlertFacet>, 6> kFacets = {
    {{"severity", AlertFacet::kSeverity},
     {"alert_type", AlertFacet::kAlertType},
     {"rule_id", AlertFacet::kRuleId},
     {"actor_id", AlertFacet::kActorId},
     {"server_hostname", AlertFacet::kServerHostname},
     {"status", AlertFacet::kStatus}}};

using Facet = const std::pair<std::string_view, AlertFacet>*;

Result<Facet> FindFacet(std::string_view name) {
  if (name == "host") name = "server_hostname";
  const auto* const found =
      std::ranges::find(kFacets, name, &std::pair<std::string_view, AlertFacet>::first);
  if (found != kFacets.end()) return found;
  return Error(InvalidArgument("by: '" + std::string(CutUtf8(name, kMaxQuotedBytes)) +
                               "' is none of severity, alert_type, rule_id, actor_id, "
                               "server_hostname and status"));
}

/// Each once, in the order in which they are asked for.
Result<std::vector<Facet>> ReadFacets(std::string_view by) {
  std::vector<Facet> facets;
  if (by.empty()) {
    for (const auto& facet : kFacets) facets.push_back(&facet);
    return facets;
  }
  for (std::size_t begin = 0; begin <= by.size();) {
    const std::size_t end = std::min(by.find(',', begin), by.size());
    const Result<Facet> facet = FindFacet(by.substr(begin, end - begin));
    if (!facet) return Error(facet.error());
    if (std::ranges::find(facets, *facet) == facets.end()) facets.push_back(*facet);
    begin = end + 1;
  }
  return facets;
}

void AppendCounts(const std::vector<store::FacetCount>& counts, std::string& out) {
  out += '[';
  for (const store::FacetCount& count : counts) {
    if (&count != counts.data()) out += ',';
    out += "{\"value\":";
    event::AppendJsonString(count.value, out);
    out += ",\"count\":" + std::to_string(count.count) + "}";
  }
  out += ']';
}

}  // namespace

http::Response CountFacets(const http::Request& request, store::AlertReader& store) {
  const Result<store::AlertQuery> query = ReadAlertQuery(request, kValues);
  if (!query) return BadQuery(query.error());
  const Result<std::vector<Facet>> facets = ReadFacets(request.Query("by").value_or(""));
  if (!facets) return BadRequest(facets.error());
  const Result<std::uint64_t> total = store.Count(*query);
  if (!total) return StoreProblem(total.error());
  std::string body = "{\"total\":" + std::to_string(*total) + ",\"facets\":{";
  for (const Facet facet : *facets) {
    const Result<std::vector<store::FacetCount>> counts = store.CountBy(facet->second, *query);
    if (!counts) return StoreProblem(counts.error());
    if (facet != facets->front()) body += ',';
    body.append(1, '"').append(facet->first).append("\":");
    AppendCounts(*counts, body);
  }
  return http::Response::Json(200, body + "}}");
}

}  // namespace auditflow::api
