#include "auditflow/alert/alert.hpp"
#include "auditflow/event/json_writer.hpp"

namespace auditflow::alert {
namespace {

/// Writes the members of one object in order, with the commas between them.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectWriter() { out_ += '}'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  /// The caller writes the value; `key` needs no escaping.
  std::string& Key(std::string_view key) {
    Separate();
    return out_.append(1, '"').append(key).append("\":");
  }
  void Text(std::string_view key, std::string_view value) {
    event::AppendJsonString(value, Key(key));
  }
  /// Members that are JSON already.
  void Splice(std::string_view members) {
    if (members.empty()) return;
    Separate();
    out_ += members;
  }

 private:
  void Separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

void AppendTags(const std::vector<std::string>& tags, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (i > 0) out += ',';
    event::AppendJsonString(tags[i], out);
  }
  out += ']';
}

}  // namespace

void AppendJson(const AnalysisRule& rule, std::string& out) {
  ObjectWriter object(out);
  object.Text("rule_id", rule.rule_id);
  object.Text("rule_name", rule.rule_name);
  object.Text("rule_description", rule.rule_description);
}

void AppendJson(const TriggeredBy& actor, std::string& out) {
  ObjectWriter object(out);
  object.Text("actor_type", actor.actor_type);
  object.Text("actor_id", actor.actor_id);
  object.Text("client_ip", actor.client_ip.empty() ? "N/A" : actor.client_ip);
}

void AppendJson(const ImpactedResource& resource, std::string& out) {
  ObjectWriter object(out);
  object.Text("resource_type", resource.resource_type);
  object.Text("resource_id", resource.resource_id);
  object.Text("server_hostname", resource.server_hostname);
}

void AppendJson(const AlertMetadata& metadata, std::string& out) {
  ObjectWriter object(out);
  AppendTags(metadata.tags, object.Key("tags"));
  object.Text("environment", metadata.environment);
  object.Text("remediation_guidance", metadata.remediation_guidance);
  object.Text("playbook_url", metadata.playbook_url);
  object.Splice(metadata.extra_json);
}

void AppendJson(const Alert& alert, std::string& out) {
  ObjectWriter object(out);
  object.Text("alert_id", alert.alert_id.ToString());
  object.Text("timestamp", alert.timestamp.ToString());
  object.Text("alert_name", alert.alert_name);
  object.Text("alert_type", alert.alert_type);
  object.Text("severity", alert.severity);
  object.Text("description", alert.description);
  object.Text("source_service_name", alert.source_service_name);
  AppendJson(alert.analysis_rule, object.Key("analysis_rule"));
  AppendJson(alert.triggered_by, object.Key("triggered_by"));
  AppendJson(alert.impacted_resource, object.Key("impacted_resource"));
  object.Text("action_observed", alert.action_observed);
  object.Text("correlation_id", alert.correlation_id.ToString());
  object.Key("raw_event_data") += alert.raw_event_data;
  AppendJson(alert.metadata, object.Key("metadata"));
}

std::string ToJson(const Alert& alert) {
  std::string out;
  out.reserve(1024 + alert.raw_event_data.size());
  AppendJson(alert, out);
  return out;
}

}  // namespace auditflow::alert
