#include "src/api/remote_row.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "auditflow/api/remote_alerts.hpp"
#include "auditflow/core/utf8.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/api/json_parts.hpp"
#include "src/api/json_value.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxMembers = 256;
constexpr std::size_t kMaxReasonBytes = 200;

std::string FaultText(std::string_view field, std::string_view reason) {
  return std::string(field) + ": " + std::string(CutUtf8(reason, kMaxReasonBytes));
}

/// Takes a row's members apart and reads each by itself, so that a bad one costs only itself.
class RowReader {
 public:
  Result<RemoteAlert> Read(std::string_view json) {
    if (Status status = Cut(json); !status.ok()) return Error(std::move(status));
    if (Status status = ReadIdentity(); !status.ok()) return Error(std::move(status));
    ReadTexts();
    ReadDetails();
    ReadMetadata();
    ReadRawEvent();
    ReadState();
    return std::move(row_);
  }

 private:
  Status Cut(std::string_view json) {
    const std::optional<std::vector<JsonMember>> members = CutObject(json, kMaxMembers);
    if (!members) return DataLoss("is no JSON object, or one of too many members");
    for (const JsonMember& member : *members) {
      const Result<JsonValue> key = ParseJsonValue(member.key);
      if (!key) return DataLoss("the name of a member " + key.error().message());
      std::string name(key->value.string_value());
      if (Has(name)) return DataLoss(FaultText(CutUtf8(name, kMaxReasonBytes), "occurs twice"));
      members_.emplace_back(std::move(name), member.value);
    }
    return {};
  }

  [[nodiscard]] bool Has(std::string_view name) const {
    return std::ranges::any_of(members_, [&](const auto& member) { return member.first == name; });
  }

  /// Empty for a member that is missing or null.
  [[nodiscard]] std::string_view Raw(std::string_view name) const {
    const auto found =
        std::ranges::find(members_, name, &std::pair<std::string, std::string_view>::first);
    return found == members_.end() || found->second == "null" ? std::string_view() : found->second;
  }

  void Fault(std::string_view field, std::string_view reason) {
    row_.faults.push_back(FaultText(field, reason));
  }

  std::string Text(std::string_view name) {
    const std::string_view raw = Raw(name);
    if (raw.empty()) return {};
    const Result<JsonValue> value = ParseJsonValue(raw);
    if (value) return TextOf(value->value, value->document);
    Fault(name, value.error().message());
    return {};
  }

  std::optional<JsonValue> Object(std::string_view name) {
    const std::string_view raw = Raw(name);
    if (raw.empty()) return std::nullopt;
    Result<JsonValue> value = ParseJsonValue(raw);
    if (value && value->value.is_object()) return std::move(*value);
    Fault(name, value ? "must be an object" : value.error().message());
    return std::nullopt;
  }

  template <class T>
  Result<T> Parsed(std::string_view name, Result<T> (*parse)(std::string_view)) {
    const std::string_view raw = Raw(name);
    if (raw.empty()) return Error(DataLoss(FaultText(name, "is missing")));
    const Result<JsonValue> value = ParseJsonValue(raw);
    if (!value) return Error(DataLoss(FaultText(name, value.error().message())));
    if (!value->value.is_string()) return Error(DataLoss(FaultText(name, "must be a string")));
    Result<T> parsed = parse(value->value.string_value());
    if (parsed) return parsed;
    return Error(DataLoss(FaultText(name, parsed.error().message())));
  }

  template <class T>
  void ReadOptional(std::string_view name, Result<T> (*parse)(std::string_view), T& target) {
    if (Raw(name).empty()) return;
    const Result<T> value = Parsed(name, parse);
    if (value) {
      target = *value;
    } else {
      row_.faults.push_back(value.error().message());
    }
  }

  Status ReadIdentity() {
    const Result<Uuid> id = Parsed("alert_id", &Uuid::Parse);
    if (!id) return id.error();
    const Result<Timestamp> timestamp = Parsed("timestamp", &Timestamp::Parse);
    if (!timestamp) return timestamp.error();
    alert_.alert_id = *id;
    alert_.timestamp = *timestamp;
    ReadOptional("correlation_id", &Uuid::Parse, alert_.correlation_id);
    ReadOptional("received_at", &Timestamp::Parse, row_.stored.received_at);
    return {};
  }

  void ReadTexts() {
    alert_.alert_name = Text("alert_name");
    alert_.alert_type = Text("alert_type");
    alert_.severity = Text("severity");
    alert_.description = Text("description");
    alert_.source_service_name = Text("source_service_name");
    alert_.analysis_rule.rule_id = Text("rule_id");
    alert_.analysis_rule.rule_name = Text("rule_name");
    alert_.triggered_by.actor_type = Text("actor_type");
    alert_.triggered_by.actor_id = Text("actor_id");
    alert_.triggered_by.client_ip = Text("client_ip");
    alert_.impacted_resource.resource_type = Text("resource_type");
    alert_.impacted_resource.resource_id = Text("resource_id");
    alert_.impacted_resource.server_hostname = Text("server_hostname");
    alert_.action_observed = Text("action_observed");
  }

  /// The columns win: the objects beside them say the same, and what has no column.
  void ReadDetails() {
    alert::AnalysisRule& rule = alert_.analysis_rule;
    Fill("analysis_rule_details", {{"rule_id", &rule.rule_id},
                                   {"rule_name", &rule.rule_name},
                                   {"rule_description", &rule.rule_description}});
    alert::TriggeredBy& actor = alert_.triggered_by;
    Fill("triggered_by_details", {{"actor_type", &actor.actor_type},
                                  {"actor_id", &actor.actor_id},
                                  {"client_ip", &actor.client_ip}});
    if (actor.client_ip.empty()) actor.client_ip = "N/A";
    alert::ImpactedResource& resource = alert_.impacted_resource;
    Fill("impacted_resource_details", {{"resource_type", &resource.resource_type},
                                       {"resource_id", &resource.resource_id},
                                       {"server_hostname", &resource.server_hostname}});
  }

  void Fill(std::string_view name,
            const std::vector<std::pair<std::string_view, std::string*>>& targets) {
    const std::optional<JsonValue> object = Object(name);
    if (!object) return;
    for (const auto& [member, target] : targets) {
      if (target->empty()) *target = TextOf(*object, member);
    }
  }

  void ReadMetadata() {
    const std::optional<JsonValue> object = Object("metadata");
    if (!object) return;
    alert::AlertMetadata& metadata = alert_.metadata;
    object->value.ForEachMember([&](std::string_view key, event::Value value) {
      if (key == "tags" && value.is_array()) {
        value.ForEachElement(
            [&](event::Value tag) { metadata.tags.push_back(TextOf(tag, object->document)); });
      } else if (key == "environment") {
        metadata.environment = TextOf(value, object->document);
      } else if (key == "remediation_guidance") {
        metadata.remediation_guidance = TextOf(value, object->document);
      } else if (key == "playbook_url") {
        metadata.playbook_url = TextOf(value, object->document);
      } else {
        AppendExtra(key, value, object->document);
      }
    });
  }

  void AppendExtra(std::string_view key, event::Value value, const event::Event& document) {
    std::string& extra = alert_.metadata.extra_json;
    if (!extra.empty()) extra += ',';
    event::AppendJsonString(key, extra);
    extra += ':';
    event::AppendJson(value, document, extra);
  }

  /// An event that a strict parser refuses is still shown to whoever looks at its alert.
  void ReadRawEvent() {
    const std::optional<JsonValue> object = Object("raw_event_data");
    if (object) {
      event::AppendJson(object->value, object->document, alert_.raw_event_data);
    } else {
      alert_.raw_event_data = Raw("raw_event_data");
    }
  }

  void ReadState() {
    const std::optional<JsonValue> object = Object("state");
    if (!object) return;
    Result<store::AlertState> state = ReadAlertState(*object);
    if (state) {
      row_.stored.state = std::move(*state);
    } else {
      Fault("state", state.error().message());
    }
  }

  std::vector<std::pair<std::string, std::string_view>> members_;
  RemoteAlert row_;
  alert::Alert& alert_ = row_.stored.alert;
};

}  // namespace

Result<store::AlertState> ReadAlertState(const JsonValue& object) {
  store::AlertState state;
  const Result<store::AlertStatus> status = store::ParseAlertStatus(TextOf(object, "status"));
  if (!status) return Error(DataLoss(status.error().message()));
  state.status = *status;
  state.deleted = TextOf(object, "deleted") == "true";
  const std::string version = TextOf(object, "version");
  std::from_chars(version.data(), version.data() + version.size(), state.version);
  if (const std::string changed_at = TextOf(object, "changed_at"); !changed_at.empty()) {
    const Result<Timestamp> time = Timestamp::Parse(changed_at);
    if (!time) return Error(DataLoss("changed_at: " + time.error().message()));
    state.changed_at = *time;
  }
  state.changed_by = TextOf(object, "changed_by");
  state.change_reason = TextOf(object, "change_reason");
  return state;
}

Result<RemoteAlert> ReadRemoteAlert(std::string_view row_json) {
  return RowReader().Read(row_json);
}

}  // namespace auditflow::api
