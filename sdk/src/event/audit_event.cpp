#include "auditflow/event/audit_event.hpp"

#include <array>

namespace auditflow::event {
namespace {

/// Of the ids that are made here. A random UUID, fixed for ever: another would change every id.
constexpr Uuid kEventNamespace(Uuid::Bytes{0x5b, 0x1e, 0x0f, 0x6c, 0x2d, 0x9a, 0x4c, 0x3e, 0x9f,
                                           0x47, 0x1a, 0xd8, 0x63, 0xb0, 0x77, 0xe2});

std::optional<Timestamp> ReadTime(Value value) {
  Result<Timestamp> time = [&]() -> Result<Timestamp> {
    switch (value.type()) {
      case Type::kString:
        return Timestamp::Parse(value.string_value());
      case Type::kInt64:
        return Timestamp::FromUnixNumber(value.int64_value());
      case Type::kDouble:
        return Timestamp::FromUnixNumber(value.double_value());
      default:
        return Error(InvalidArgument("neither text nor a Unix time"));
    }
  }();
  return time ? std::optional(*time) : std::nullopt;
}

std::optional<Timestamp> FindTime(const Event& event, const std::vector<std::string>& fields) {
  std::optional<Timestamp> time;
  for (const std::string& field : fields) {
    ForEachAt(event, field, [&](Value value) {
      if (!time) time = ReadTime(value);
    });
    if (time) break;
  }
  return time;
}

std::string_view FindIdText(const Event& event, std::string_view field) {
  std::string_view text;
  ForEachAt(event, field, [&](Value value) {
    if (text.empty() && value.is_string()) text = value.string_value();
  });
  return text;
}

constexpr std::array<std::string_view, 8> kRequiredStrings = {
    "event_id",   "timestamp", "source_service", "server_hostname",
    "event_type", "severity",  "user_id",        "action_result"};

std::string CheckString(std::string_view field, std::optional<Value> value) {
  if (!value) return "missing";
  if (!value->is_string()) return "not a string";
  const std::string_view text = value->string_value();
  if (field == "event_id") {
    const Result<Uuid> id = Uuid::Parse(text);
    return id ? "" : id.error().message();
  }
  if (field == "timestamp") {
    const Result<Timestamp> time = Timestamp::Parse(text);
    return time ? "" : time.error().message();
  }
  return {};
}

}  // namespace

Identity IdentityOf(const Event& event, const IdentityOptions& options) {
  Identity identity;
  const std::string_view text = FindIdText(event, options.id_field);
  if (const Result<Uuid> id = Uuid::Parse(text)) {
    identity.id = *id;
  } else {
    identity.id = Uuid::V5(kEventNamespace, text.empty() ? event.raw() : text);
    identity.id_derived = true;
  }
  identity.time = FindTime(event, options.time_fields);
  identity.time_missing_or_bad = !identity.time.has_value();
  return identity;
}

std::vector<FieldError> CheckAuditEvent(const Event& event) {
  std::vector<FieldError> errors;
  const Value root = event.root();
  for (const std::string_view field : kRequiredStrings) {
    std::string reason = CheckString(field, root.Find(field));
    if (!reason.empty()) errors.push_back({std::string(field), std::move(reason)});
  }
  const std::optional<Value> details = root.Find("details");
  if (!details) {
    errors.push_back({"details", "missing"});
  } else if (!details->is_object()) {
    errors.push_back({"details", "not an object"});
  }
  return errors;
}

}  // namespace auditflow::event
