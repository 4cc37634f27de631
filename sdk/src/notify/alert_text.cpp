#include "auditflow/notify/alert_text.hpp"

#include "auditflow/core/utf8.hpp"

namespace auditflow::notify {
namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kMaxDescription = 4000;

/// What could break a line or turn the direction of what follows: Unicode's controls (Cc), line and
/// paragraph separators, marks and overrides of direction.
bool IsUnruly(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string Tame(std::string_view text, std::size_t max_bytes, bool keep_lines) {
  std::string out;
  while (!text.empty()) {
    const Utf8Step step = DecodeUtf8(text);
    std::string_view next = step.valid ? text.substr(0, step.length) : kReplacement;
    const bool is_kept = keep_lines && (step.code_point == '\n' || step.code_point == '\t');
    if (step.valid && IsUnruly(step.code_point) && !is_kept) next = " ";
    if (out.size() + next.size() > max_bytes) return out.append(kEllipsis);
    out += next;
    text.remove_prefix(step.length);
  }
  return out;
}

bool IsStated(std::string_view value) { return !value.empty() && value != "N/A"; }

void AddFact(std::vector<std::pair<std::string_view, std::string>>& facts, std::string_view label,
             std::string_view value, std::size_t max_bytes) {
  if (IsStated(value)) facts.emplace_back(label, OneLine(value, max_bytes));
}

std::string Named(const std::string& type, const std::string& id) {
  if (!IsStated(id)) return type;
  return IsStated(type) ? id + " (" + type + ")" : id;
}

void AddSection(std::string& text, std::string_view title, std::string_view body,
                std::size_t max_bytes) {
  if (body.empty()) return;
  text.append("\n").append(title).append("\n").append(Tame(body, max_bytes, true)).append("\n");
}

}  // namespace

std::string OneLine(std::string_view text, std::size_t max_bytes) {
  return Tame(text, max_bytes, false);
}

std::string Headline(const alert::Alert& alert, std::size_t max_bytes) {
  const std::string severity = alert.severity.empty() ? "" : "[" + alert.severity + "] ";
  return OneLine(severity + alert.alert_name, max_bytes);
}

std::vector<std::pair<std::string_view, std::string>> KeyFacts(const alert::Alert& alert,
                                                               std::size_t max_bytes) {
  std::vector<std::pair<std::string_view, std::string>> facts;
  const auto add = [&](std::string_view label, std::string_view value) {
    AddFact(facts, label, value, max_bytes);
  };
  add("Severity", alert.severity);
  add("Rule", Named(alert.analysis_rule.rule_id, alert.analysis_rule.rule_name));
  add("Actor", Named(alert.triggered_by.actor_type, alert.triggered_by.actor_id));
  add("Address", alert.triggered_by.client_ip);
  add("Resource",
      Named(alert.impacted_resource.resource_type, alert.impacted_resource.resource_id));
  add("Host", alert.impacted_resource.server_hostname);
  add("Action", alert.action_observed);
  add("Time", alert.timestamp.ToString());
  add("Environment", alert.metadata.environment);
  add("Alert", alert.alert_id.ToString());
  return facts;
}

std::string PlainText(const alert::Alert& alert, std::size_t max_event_bytes) {
  std::string text = Headline(alert) + "\n";
  if (!alert.description.empty()) {
    text.append("\n").append(Tame(alert.description, kMaxDescription, true)).append("\n");
  }
  text += "\n";
  for (const auto& [label, value] : KeyFacts(alert)) {
    text.append(label).append(": ").append(value).append("\n");
  }
  AddSection(text, "What to do", alert.metadata.remediation_guidance, kMaxDescription);
  AddSection(text, "Playbook", alert.metadata.playbook_url, kMaxDescription);
  AddSection(text, "Event", alert.raw_event_data, max_event_bytes);
  return text;
}

}  // namespace auditflow::notify
