#include <algorithm>
#include <optional>

#include "auditflow/alert/alert.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/alert/json_text.hpp"
#include "src/alert/metadata_keys.hpp"
#include "src/alert/text_fields.hpp"

namespace auditflow::alert {
namespace {

using event::Value;

/// The member, or nothing if it is missing or null.
std::optional<Value> Present(Value object, std::string_view name) {
  std::optional<Value> value = object.Find(name);
  return value && !value->is_null() ? value : std::nullopt;
}

Status Fault(std::string_view field, std::string_view reason) {
  return InvalidArgument(std::string(field) + ": " + std::string(reason));
}

/// The object that a field is in: the alert or a member of it. Nothing if that is missing.
Result<std::optional<Value>> Owner(Value root, std::string_view object) {
  if (object.empty()) return root;
  const std::optional<Value> value = Present(root, object);
  if (value && !value->is_object()) return Error(Fault(object, "must be an object"));
  return value;
}

Status ReadText(Value root, const TextField& field, Alert& alert) {
  const Result<std::optional<Value>> owner = Owner(root, field.object);
  if (!owner) return owner.error();
  const std::optional<Value> value = *owner ? Present(**owner, field.name) : std::nullopt;
  if (!value) return field.required ? Fault(field.path(), "is missing") : Status();
  if (!value->is_string()) return Fault(field.path(), "must be a string");
  field.get_mutable(alert) = value->string_value();
  return Status();
}

Result<std::string_view> RequiredText(Value root, std::string_view name) {
  const std::optional<Value> value = Present(root, name);
  if (!value) return Error(Fault(name, "is missing"));
  if (!value->is_string()) return Error(Fault(name, "must be a string"));
  return value->string_value();
}

/// Reads a required text by `parse`, e.g. `Uuid::Parse`.
template <class T>
Status ReadParsed(Value root, std::string_view name, Result<T> (*parse)(std::string_view),
                  T& target) {
  const Result<std::string_view> text = RequiredText(root, name);
  if (!text) return text.error();
  const Result<T> value = parse(*text);
  if (!value) return Fault(name, value.error().message());
  target = *value;
  return Status();
}

Status ReadTags(Value metadata, std::vector<std::string>& tags) {
  const std::optional<Value> list = Present(metadata, "tags");
  if (!list) return Status();
  bool well_formed = list->is_array();
  if (well_formed) {
    list->ForEachElement([&](Value tag) {
      well_formed = well_formed && tag.is_string();
      if (well_formed) tags.emplace_back(tag.string_value());
    });
  }
  return well_formed ? Status() : Fault("metadata.tags", "must be a list of strings");
}

void ReadExtra(Value metadata, const event::Event& document, std::string& extra) {
  metadata.ForEachMember([&](std::string_view key, Value value) {
    if (std::find(kMetadataKeys.begin(), kMetadataKeys.end(), key) != kMetadataKeys.end()) return;
    if (!extra.empty()) extra += ',';
    event::AppendJsonString(key, extra);
    extra += ':';
    event::AppendJson(value, document, extra);
  });
}

Status ReadMetadata(const event::Event& document, AlertMetadata& metadata) {
  const Result<std::optional<Value>> object = Owner(document.root(), "metadata");
  if (!object) return object.error();
  if (!*object) return Status();
  ReadExtra(**object, document, metadata.extra_json);
  if (HasNulEscape(metadata.extra_json)) return Fault("metadata", "contains \\u0000");
  return ReadTags(**object, metadata.tags);
}

Status ReadRawEvent(const event::Event& document, std::string& raw) {
  const std::optional<Value> value = Present(document.root(), "raw_event_data");
  if (!value) return Fault("raw_event_data", "is missing");
  if (!value->is_object()) return Fault("raw_event_data", "must be an object");
  event::AppendJson(*value, document, raw);
  if (!HasNulEscape(raw)) return Status();
  return Fault("raw_event_data", "contains \\u0000, which databases cannot hold");
}

Status ReadTexts(Value root, Alert& alert) {
  for (const TextField& field : TextFields()) {
    Status status = ReadText(root, field, alert);
    if (!status.ok()) return status;
  }
  std::string& ip = alert.triggered_by.client_ip;
  if (ip.empty()) ip = "N/A";
  if (ip == "N/A" || IsIpAddress(ip)) return Status();
  return Fault("triggered_by.client_ip", "is neither an IP address nor \"N/A\"");
}

Status Read(const event::Event& document, Alert& alert) {
  const Value root = document.root();
  Status status = ReadParsed(root, "alert_id", &Uuid::Parse, alert.alert_id);
  if (!status.ok()) return status;
  status = ReadParsed(root, "correlation_id", &Uuid::Parse, alert.correlation_id);
  if (!status.ok()) return status;
  status = ReadParsed(root, "timestamp", &Timestamp::Parse, alert.timestamp);
  if (!status.ok()) return status;
  status = ReadTexts(root, alert);
  if (!status.ok()) return status;
  status = ReadMetadata(document, alert.metadata);
  if (!status.ok()) return status;
  status = ReadRawEvent(document, alert.raw_event_data);
  return status.ok() ? ValidateTexts(alert) : status;
}

}  // namespace

Result<Alert> FromJson(std::string_view json) {
  const Result<event::Event> document = event::EventParser(kAlertLimits).Parse(json);
  // To a consumer of alerts a document beyond the limits is as bad as a malformed one: neither
  // passes when it is tried again.
  if (!document) return Error(InvalidArgument(document.error().message()));
  Alert alert;
  Status status = Read(*document, alert);
  if (!status.ok()) return Error(std::move(status));
  return alert;
}

}  // namespace auditflow::alert
