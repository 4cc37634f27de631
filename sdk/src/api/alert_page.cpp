#include "src/api/alert_page.hpp"

#include "auditflow/http/problem.hpp"

#include "src/api/alert_request.hpp"
#include "src/api/html.hpp"
#include "src/api/page.hpp"

namespace auditflow::api {
namespace {

void AppendRow(std::string_view name, std::string_view text, std::string& out) {
  if (text.empty()) return;
  out.append("<dt>").append(name).append("</dt><dd>");
  AppendEscaped(text, out);
  out += "</dd>\n";
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
  AppendTimeRow("Stored", stored.received_at, out);
  AppendRow("Source", alert.source_service_name, out);
  AppendRow("Type", alert.alert_type, out);
  AppendRow("Environment", alert.metadata.environment, out);
  AppendRow("Alert id", alert.alert_id.ToString(), out);
  AppendRow("Event id", alert.correlation_id.ToString(), out);
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

std::string Content(const store::StoredAlert& stored, const PageOptions& options) {
  const alert::Alert& alert = stored.alert;
  std::string out = "<p class=\"dim\"><a href=\"/\">← All alerts</a></p>\n";
  AppendSeverity(alert.severity, out);
  out += "\n<h1>" + Escaped(alert.alert_name) + "</h1>\n";
  out += "<p class=\"lead\">" + Escaped(alert.description) + "</p>\n<p>";
  for (const std::string& tag : alert.metadata.tags) {
    out += "<span class=\"tag\">" + Escaped(tag) + "</span>";
  }
  out += "</p>\n";
  AppendFacts(stored, out);
  AppendAdvice(alert.metadata, out);
  if (!alert.metadata.extra_json.empty()) {
    AppendJsonBlock("More", "{" + alert.metadata.extra_json + "}", options.max_event_bytes, out);
  }
  AppendJsonBlock("Event", alert.raw_event_data, options.max_event_bytes, out);
  out += "<p class=\"dim\"><a href=\"/alerts/" + alert.alert_id.ToString() +
         "\">The alert as JSON</a></p>\n<div class=\"after\"></div>\n";
  return out;
}

}  // namespace

http::Response AlertPage(const http::Request& request, store::AlertReader& store,
                         const PageOptions& options) {
  const Result<Uuid> id = ReadAlertId(request.Param("id"));
  if (!id) return MakeErrorPage(400, id.error().message(), options);
  const Result<std::optional<store::StoredAlert>> found = store.Get(*id);
  if (!found) {
    return MakeErrorPage(http::HttpStatus(found.error().code()), "The alerts cannot be read now.",
                         options);
  }
  if (!*found) return MakeErrorPage(404, "There is no alert " + id->ToString() + ".", options);
  return MakePage(200,
                  {.title = (*found)->alert.alert_name + " – " + options.title,
                   .product = options.title,
                   .state = {}},
                  Content(**found, options));
}

}  // namespace auditflow::api
