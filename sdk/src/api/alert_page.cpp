#include "src/api/alert_page.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/core/utf8.hpp"

#include "src/api/alert_request.hpp"
#include "src/api/html.hpp"
#include "src/api/page.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxTitleBytes = 200;

/// No text of one alert makes the page larger than a browser likes.
std::string Shown(std::string_view text) {
  constexpr std::size_t kMaxTextBytes = 16'384;
  return EscapedUpTo(text, kMaxTextBytes);
}

std::string NameOf(const alert::Alert& alert) {
  return alert.alert_name.empty() ? "Alert without a name" : Shown(alert.alert_name);
}

void AppendTags(const std::vector<std::string>& tags, std::string& out) {
  constexpr std::size_t kMaxTags = 100;
  if (tags.empty()) return;
  out += "<ul class=\"tags\" aria-label=\"Tags\">";
  for (std::size_t i = 0; i < std::min(tags.size(), kMaxTags); ++i) {
    out += "<li class=\"tag\">" + Shown(tags[i]) + "</li>";
  }
  if (tags.size() > kMaxTags) out += "<li>…</li>";
  out += "</ul>\n";
}

void AppendRow(std::string_view name, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out.append("<dt>").append(name).append("</dt><dd>");
  out += Shown(text) + "</dd>\n";
}

/// A link only where it leads to the web: `javascript:` and the like stay text.
void AppendLinkRow(std::string_view name, std::string_view url, std::string& out) {
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  if (!web) {
    AppendRow(name, url, out);
    return;
  }
  const std::string escaped = Escaped(url);
  out.append("<dt>").append(name).append("</dt><dd><a rel=\"noreferrer noopener\" href=\"");
  out.append(escaped).append("\">").append(escaped).append("</a></dd>\n");
}

void AppendTimeRow(std::string_view name, Timestamp time, std::string& out) {
  out.append("<dt>").append(name).append("</dt><dd>");
  AppendTime(time, out);
  out += " <span class=\"dim\">UTC</span></dd>\n";
}

std::string Joined(const std::string& first, const std::string& second) {
  if (first.empty() || second.empty()) return first + second;
  return first + " " + second;
}

void AppendFacts(const store::StoredAlert& stored, std::string& out) {
  const alert::Alert& alert = stored.alert;
  out += "<dl class=\"card\">\n";
  AppendRow("Rule", Joined(alert.analysis_rule.rule_id, alert.analysis_rule.rule_name), out);
  AppendRow("About the rule", alert.analysis_rule.rule_description, out);
  AppendRow("Actor", Joined(alert.triggered_by.actor_type, alert.triggered_by.actor_id), out);
  AppendRow("Client address", alert.triggered_by.client_ip, out);
  AppendRow("Resource",
            Joined(alert.impacted_resource.resource_type, alert.impacted_resource.resource_id),
            out);
  AppendRow("Host", alert.impacted_resource.server_hostname, out);
  AppendRow("Action", alert.action_observed, out);
  AppendTimeRow("Detected", alert.timestamp, out);
  if (stored.received_at != Timestamp()) AppendTimeRow("Stored", stored.received_at, out);
  AppendRow("Source", alert.source_service_name, out);
  AppendRow("Type", alert.alert_type, out);
  AppendRow("Environment", alert.metadata.environment, out);
  AppendRow("Alert id", alert.alert_id.ToString(), out);
  AppendRow("Event id", alert.correlation_id.ToString(), out);
  out += "</dl>\n";
}

void AppendFaults(const std::vector<std::string>& faults, std::string& out) {
  if (faults.empty()) return;
  out +=
      "<div class=\"card notice\" role=\"status\"><p><b>Parts of this alert cannot be "
      "read.</b></p><ul>";
  for (const std::string& fault : faults) out += "<li>" + Escaped(fault) + "</li>";
  out += "</ul></div>\n";
}

void AppendHandling(const store::AlertState& state, std::string& out) {
  if (state.version == 0) return;
  out += "<h2>Status</h2>\n<dl class=\"card\">\n";
  AppendRow("Status", state.deleted ? "Deleted" : StatusLabel(state.status), out);
  AppendRow("By", state.changed_by, out);
  AppendTimeRow("At", state.changed_at, out);
  AppendRow("Reason", state.change_reason, out);
  out += "</dl>\n";
}

void AppendAdvice(const alert::AlertMetadata& metadata, std::string& out) {
  if (metadata.remediation_guidance.empty() && metadata.playbook_url.empty()) return;
  out += "<h2>What to do</h2>\n<dl class=\"card\">\n";
  AppendRow("Guidance", metadata.remediation_guidance, out);
  AppendLinkRow("Playbook", metadata.playbook_url, out);
  out += "</dl>\n";
}

void AppendJsonBlock(std::string_view title, std::string_view json, std::size_t max_bytes,
                     std::string& out) {
  out.append("<h2>").append(title).append("</h2>\n<pre class=\"card\" tabindex=\"0\">");
  AppendEscaped(PrettyJson(json, max_bytes), out);
  out += "</pre>\n";
}

std::string Content(const RemoteAlert& shown, const PageOptions& options, bool has_json) {
  const store::StoredAlert& stored = shown.stored;
  const alert::Alert& alert = stored.alert;
  std::string out = "<p class=\"dim\"><a href=\"/\">← All alerts</a></p>\n";
  AppendSeverity(alert.severity, out);
  AppendState(stored.state, out);
  out += "\n<h1>" + NameOf(alert) + "</h1>\n";
  out += "<p class=\"lead\">" + Shown(alert.description) + "</p>\n";
  AppendTags(alert.metadata.tags, out);
  AppendFaults(shown.faults, out);
  AppendFacts(stored, out);
  AppendHandling(stored.state, out);
  AppendAdvice(alert.metadata, out);
  if (!alert.metadata.extra_json.empty()) {
    AppendJsonBlock("More", "{" + alert.metadata.extra_json + "}", options.max_event_bytes, out);
  }
  if (!alert.raw_event_data.empty()) {
    AppendJsonBlock("Event", alert.raw_event_data, options.max_event_bytes, out);
  }
  if (has_json) {
    out += "<p class=\"dim\"><a href=\"/alerts/" + alert.alert_id.ToString() +
           "\">The alert as JSON</a></p>\n";
  }
  out += "<div class=\"after\"></div>\n";
  return out;
}

}  // namespace

http::Response AlertPage(const http::Request& request, AlertSource& source,
                         const PageOptions& options, const Clock& clock) {
  const Result<Uuid> id = ReadAlertId(request.Param("id"));
  if (!id) return MakeErrorPage(400, id.error().message(), options);
  const SourceResult<std::optional<RemoteAlert>> found = source.Find(*id);
  if (!found) return MakeAwayPage(found.error(), clock.Now(), std::chrono::seconds(0), options);
  if (!*found) return MakeErrorPage(404, "There is no alert " + id->ToString() + ".", options);
  const std::string title(CutUtf8((*found)->stored.alert.alert_name, kMaxTitleBytes));
  return MakePage(200,
                  {.title = title + " – " + options.title, .product = options.title, .state = {}},
                  Content(**found, options, source.HasJson()));
}

}  // namespace auditflow::api
