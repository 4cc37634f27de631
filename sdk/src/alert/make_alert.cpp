#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/core/utf8.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/alert/json_text.hpp"
#include "src/alert/placeholders.hpp"
#include "src/alert/text_fields.hpp"
#include "src/alert/utf8.hpp"

namespace auditflow::alert {
namespace {

constexpr std::size_t kMaxPlaceholderBytes = 1024;
constexpr std::string_view kUnknown = "N/A";

/// Ours alone, drawn at random; part of every alert's identity, so never to be changed.
constexpr Uuid kAlertNamespace(Uuid::Bytes{0x6b, 0x1d, 0x0e, 0x5c, 0x3f, 0x9a, 0x4c, 0x27, 0x8d,
                                           0x64, 0xa1, 0x7e, 0x52, 0xf0, 0x93, 0xbb});

std::string UpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// Fractions only where there are any; nothing that is no number.
std::string NumberText(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> text{};
  const bool whole = std::abs(value) < 1e15 && std::trunc(value) == value;
  const auto end = whole ? std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(value))
                         : std::to_chars(text.begin(), text.end(), value);
  return {text.data(), end.ptr};
}

std::optional<std::string> ValueOf(const Trigger& trigger, const std::string& field) {
  for (const auto& [name, value] : trigger.group) {
    if (name == field) return value;
  }
  return event::TextAt(*trigger.event, field);
}

std::string PlaceholderValue(const Trigger& trigger, const std::string& field) {
  if (field == "auditflow.value") {
    return trigger.value ? NumberText(*trigger.value) : std::string(kUnknown);
  }
  const std::string value = ValueOf(trigger, field).value_or(std::string(kUnknown));
  return std::string(CutUtf8(value, kMaxPlaceholderBytes));
}

std::string Fill(std::string_view text, const Trigger& trigger) {
  return FillPlaceholders(
      text, [&](const std::string& field) { return PlaceholderValue(trigger, field); });
}

/// The first field's value that `accepts` takes; else `otherwise`.
template <class Accepts>
std::string FirstOf(const FieldList& fields, const Trigger& trigger, const Accepts& accepts,
                    std::string_view otherwise) {
  for (const std::string& field : fields) {
    std::optional<std::string> value = ValueOf(trigger, field);
    if (value && accepts(*value)) return *std::move(value);
  }
  return std::string(otherwise);
}

std::string FirstText(const FieldList& fields, const Trigger& trigger) {
  return FirstOf(
      fields, trigger, [](const std::string& text) { return !text.empty() && text != "-"; }, "");
}

std::string ActionObserved(const AlertTemplate& rule, const Trigger& trigger) {
  if (!rule.action_observed.empty()) return Fill(rule.action_observed, trigger);
  const std::string type = FirstText({"event_type"}, trigger);
  const std::string result = FirstText({"action_result"}, trigger);
  if (!type.empty()) return UpperCase(result.empty() ? type : type + "_" + result);
  return UpperCase(FirstText({"eventName", "EventID", "Event.System.EventID"}, trigger));
}

std::string Description(const AlertTemplate& rule, const Trigger& trigger) {
  return rule.description.empty() ? rule.rule_description : Fill(rule.description, trigger);
}

const std::string& RuleKey(const AlertTemplate& rule) {
  return rule.rule_key.empty() ? rule.rule_id : rule.rule_key;
}

/// Lengths keep the parts apart, whatever they hold.
Uuid AlertId(const AlertTemplate& rule, const Trigger& trigger) {
  std::string name;
  for (const std::string* part : {&RuleKey(rule), &trigger.group_key}) {
    name.append(std::to_string(part->size())).append(1, ':').append(*part);
  }
  return Uuid::V5(kAlertNamespace, name + trigger.event_id.ToString());
}

void AppendGroup(const Trigger& trigger, std::string& out) {
  std::vector<std::string> written;
  out += '{';
  for (auto [name, value] : trigger.group) {
    MakeStorable(name, 0);
    MakeStorable(value, 0);
    if (std::find(written.begin(), written.end(), name) != written.end()) continue;
    if (!written.empty()) out += ',';
    event::AppendJsonString(name, out);
    out += ':';
    event::AppendJsonString(value, out);
    written.push_back(std::move(name));
  }
  out += '}';
}

std::string CorrelationJson(const Trigger& trigger) {
  if (!trigger.value && trigger.contributors.empty()) return {};
  std::string out = "\"correlation\":{\"value\":";
  out += trigger.value ? NumberText(*trigger.value) : "null";
  out += ",\"group\":";
  AppendGroup(trigger, out);
  out += ",\"time\":\"" + trigger.time.ToString() + "\",\"event_ids\":[";
  for (std::size_t i = 0; i < trigger.contributors.size(); ++i) {
    out.append(i > 0 ? ",\"" : "\"").append(trigger.contributors[i].ToString()).append(1, '"');
  }
  return out + "]}";
}

std::string RawEvent(const event::Event& source) {
  const std::string_view raw = TrimJsonSpace(source.raw());
  if (!HasNulEscape(raw)) return std::string(raw);
  std::string replaced = ReplaceNulEscapes(raw);
  event::Event reread;
  if (event::EventParser(kRawEventLimits).ParseInto(replaced, reread).ok()) return replaced;
  std::string wrapped = "{\"text\":";
  event::AppendJsonString(raw, wrapped);
  return wrapped + "}";
}

void MakeAllStorable(Alert& alert) {
  for (const TextField& field : TextFields()) MakeStorable(field.get_mutable(alert), field.width);
  for (std::string& tag : alert.metadata.tags) MakeStorable(tag, 0);
}

ImpactedResource ResourceOf(const AlertTemplate& rule, const Trigger& trigger) {
  const FieldList& ids = rule.resource_fields.empty() ? rule.hostname_fields : rule.resource_fields;
  return {.resource_type = rule.resource_type,
          .resource_id = FirstText(ids, trigger),
          .server_hostname = FirstText(rule.hostname_fields, trigger)};
}

AlertMetadata MetadataOf(const AlertTemplate& rule, const Trigger& trigger,
                         std::string_view environment) {
  return {.tags = rule.tags,
          .environment = UpperCase(std::string(environment)),
          .remediation_guidance = rule.remediation_guidance,
          .playbook_url = rule.playbook_url,
          .extra_json = CorrelationJson(trigger)};
}

}  // namespace

Alert MakeAlert(const AlertTemplate& alert_template, const Trigger& trigger,
                std::string_view environment, Timestamp now) {
  const AlertTemplate& rule = alert_template;
  Alert alert{
      .alert_id = AlertId(rule, trigger),
      .correlation_id = trigger.event_id,
      .timestamp = now,
      .alert_name = rule.alert_name.empty() ? rule.rule_name : rule.alert_name,
      .alert_type = rule.alert_type,
      .severity = rule.severity,
      .description = Description(rule, trigger),
      .source_service_name = FirstText(rule.source_fields, trigger),
      .analysis_rule = {rule.rule_id, rule.rule_name, rule.rule_description},
      .triggered_by = {.actor_type = rule.actor_type,
                       .actor_id = FirstText(rule.actor_fields, trigger),
                       .client_ip = FirstOf(rule.client_ip_fields, trigger, IsIpAddress, kUnknown)},
      .impacted_resource = ResourceOf(rule, trigger),
      .action_observed = ActionObserved(rule, trigger),
      .metadata = MetadataOf(rule, trigger, environment),
      .raw_event_data = RawEvent(*trigger.event),
  };
  MakeAllStorable(alert);
  return alert;
}

}  // namespace auditflow::alert
