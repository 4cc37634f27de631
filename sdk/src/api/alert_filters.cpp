#include "src/api/alert_filters.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "auditflow/http/client.hpp"

#include "src/api/html.hpp"
#include "src/api/page.hpp"

namespace auditflow::api {
namespace {

constexpr std::array<std::string_view, 6> kSeverities = {"CRITICAL", "HIGH", "MEDIUM",
                                                         "WARNING",  "LOW",  "INFO"};

constexpr std::array<store::AlertStatus, 4> kStatuses = {
    store::AlertStatus::kOpen, store::AlertStatus::kAcknowledged, store::AlertStatus::kResolved,
    store::AlertStatus::kFalsePositive};

std::string TextOf(const std::optional<Timestamp>& time) { return time ? time->ToString() : ""; }

void AppendFilter(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out.append(name).append(" <b>").append(Escaped(value)).append("</b> ");
}

void AppendField(std::string_view label, std::string_view name, std::string_view value,
                 std::string& out) {
  out.append("<label>").append(label).append("<input name=\"").append(name);
  out += "\" value=\"" + Escaped(value) + "\" autocomplete=\"off\"></label>\n";
}

void AppendHidden(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out.append("<input type=\"hidden\" name=\"").append(name);
  out += "\" value=\"" + Escaped(value) + "\">\n";
}

/// The usual ones from worst to least, then what producers made up.
std::vector<store::FacetCount> Ordered(std::vector<store::FacetCount> severities) {
  std::ranges::stable_sort(severities, {}, [](const store::FacetCount& severity) {
    return std::ranges::find(kSeverities, severity.value) - kSeverities.begin();
  });
  return severities;
}

}  // namespace

bool AlertFilters::Any() const {
  return !query_.severity.empty() || !query_.alert_type.empty() || !query_.rule_id.empty() ||
         !query_.actor_id.empty() || !query_.server_hostname.empty() || !query_.text.empty() ||
         query_.since || query_.until || query_.status || query_.include_deleted;
}

std::string AlertFilters::Link(std::string_view severity, std::uint32_t offset, bool edit) const {
  std::string link;
  const auto add = [&link](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    link.append(1, link.empty() ? '?' : '&').append(name).append("=");
    link += http::EscapeUri(value);
  };
  add("severity", severity);
  add("alert_type", query_.alert_type);
  add("rule_id", query_.rule_id);
  add("actor_id", query_.actor_id);
  add("server_hostname", query_.server_hostname);
  add("status", query_.status ? ToString(*query_.status) : "");
  add("since", TextOf(query_.since));
  add("until", TextOf(query_.until));
  add("q", query_.text);
  add("include_deleted", query_.include_deleted ? "true" : "");
  add("offset", offset > 0 ? std::to_string(offset) : "");
  add("edit", edit ? "1" : "");
  return Escaped("/" + link);
}

void AlertFilters::AppendChip(std::string_view severity, std::uint64_t count,
                              std::string& out) const {
  out += "<li><a href=\"" + Link(severity, 0) + "\"";
  if (query_.severity == severity) out += " aria-current=\"true\"";
  out += ">";
  if (severity.empty()) {
    out += "All";
  } else {
    AppendSeverity(severity, out);
  }
  out += " <b>" + std::to_string(count) + "</b></a></li>\n";
}

void AlertFilters::AppendChips(const std::vector<store::FacetCount>& severities, bool editing,
                               std::string& out) const {
  std::uint64_t all = 0;
  for (const store::FacetCount& severity : severities) all += severity.count;
  out += "<nav aria-label=\"Severities\"><ul class=\"chips\">\n";
  AppendChip("", all, out);
  bool shown = query_.severity.empty();
  for (const store::FacetCount& severity : Ordered(severities)) {
    // One without a name cannot be asked for.
    if (!severity.value.empty()) AppendChip(severity.value, severity.count, out);
    shown = shown || severity.value == query_.severity;
  }
  if (!shown) AppendChip(query_.severity, 0, out);
  if (!editing) {
    out += "<li><a class=\"filter\" href=\"" + Link(query_.severity, 0, true) +
           "\">Filter…</a></li>\n";
  }
  out += "</ul></nav>\n";
}

void AlertFilters::AppendSummary(std::string& out) const {
  if (!Any()) return;
  out += "<p class=\"filters\">";
  AppendFilter("Severity", query_.severity, out);
  AppendFilter("Type", query_.alert_type, out);
  AppendFilter("Rule", query_.rule_id, out);
  AppendFilter("Actor", query_.actor_id, out);
  AppendFilter("Host", query_.server_hostname, out);
  AppendFilter("Status", query_.status ? StatusLabel(*query_.status) : "", out);
  AppendFilter("Since", TextOf(query_.since), out);
  AppendFilter("Until", TextOf(query_.until), out);
  AppendFilter("Text", query_.text, out);
  if (query_.include_deleted) out += "<b>with deleted ones</b> ";
  out += "<a href=\"/\">Clear</a></p>\n";
}

void AlertFilters::AppendStatusChoice(std::string& out) const {
  out += "<label>Status<select name=\"status\"><option value=\"\">Any</option>";
  for (const store::AlertStatus status : kStatuses) {
    out.append("<option value=\"").append(ToString(status)).append("\"");
    if (query_.status == status) out += " selected";
    out.append(">").append(StatusLabel(status)).append("</option>");
  }
  out += "</select></label>\n";
}

void AlertFilters::AppendForm(std::string& out) const {
  out += "<form class=\"card\" method=\"get\" action=\"/\" aria-label=\"Filters\">\n";
  AppendHidden("severity", query_.severity, out);
  AppendHidden("alert_type", query_.alert_type, out);
  AppendHidden("include_deleted", query_.include_deleted ? "true" : "", out);
  AppendField("Text", "q", query_.text, out);
  AppendField("Rule", "rule_id", query_.rule_id, out);
  AppendField("Actor", "actor_id", query_.actor_id, out);
  AppendField("Host", "server_hostname", query_.server_hostname, out);
  AppendStatusChoice(out);
  AppendField("Since (UTC)", "since", TextOf(query_.since), out);
  AppendField("Until (UTC)", "until", TextOf(query_.until), out);
  out += "<button>Show</button>\n<a class=\"clear\" href=\"/\">Clear</a>\n</form>\n";
}

}  // namespace auditflow::api
