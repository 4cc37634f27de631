#include "src/api/alert_facets.hpp"

#include <algorithm>
#include <array>
#include <string>
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

constexpr std::array kFacets = {AlertFacet::kSeverity,       AlertFacet::kAlertType,
                                AlertFacet::kRuleId,         AlertFacet::kActorId,
                                AlertFacet::kServerHostname, AlertFacet::kStatus};

Result<AlertFacet> FindFacet(std::string_view name) {
  if (name == "host") name = "server_hostname";
  const auto* const found =
      std::ranges::find_if(kFacets, [name](AlertFacet facet) { return ToString(facet) == name; });
  if (found != kFacets.end()) return *found;
  return Error(InvalidArgument("by: '" + std::string(CutUtf8(name, kMaxQuotedBytes)) +
                               "' is none of severity, alert_type, rule_id, actor_id, "
                               "server_hostname and status"));
}

/// Each once, in the order in which they are asked for.
Result<std::vector<AlertFacet>> ReadFacets(std::string_view by) {
  if (by.empty()) return std::vector<AlertFacet>(kFacets.begin(), kFacets.end());
  std::vector<AlertFacet> facets;
  for (std::size_t begin = 0; begin <= by.size();) {
    const std::size_t end = std::min(by.find(',', begin), by.size());
    const Result<AlertFacet> facet = FindFacet(by.substr(begin, end - begin));
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
  const Result<std::vector<AlertFacet>> facets = ReadFacets(request.Query("by").value_or(""));
  if (!facets) return BadRequest(facets.error());
  const Result<std::uint64_t> total = store.Count(*query);
  if (!total) return StoreProblem(total.error());
  std::string body = "{\"total\":" + std::to_string(*total) + ",\"facets\":{";
  for (const AlertFacet facet : *facets) {
    const Result<std::vector<store::FacetCount>> counts = store.CountBy(facet, *query);
    if (!counts) return StoreProblem(counts.error());
    if (facet != facets->front()) body += ',';
    body.append(1, '"').append(ToString(facet)).append("\":");
    AppendCounts(*counts, body);
  }
  return http::Response::Json(200, body + "}}");
}

}  // namespace auditflow::api
