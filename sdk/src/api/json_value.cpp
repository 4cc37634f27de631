#include "src/api/json_value.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "auditflow/event/json_writer.hpp"

namespace auditflow::api {
namespace {

/// More than a notification service takes in: whoever reads it back judges it again.
constexpr event::ParseLimits kLimits = {
    .max_bytes = std::size_t{96} << 20U, .max_depth = 256, .max_keys = 1'001'000};

constexpr std::string_view kKey = "value";

std::string WithoutOffset(std::string_view message) {
  const std::size_t colon = message.find(": ");
  return std::string(colon == std::string_view::npos ? message : message.substr(colon + 2));
}

Result<JsonValue> ParseWrapped(std::string_view text) {
  std::string wrapped = "{\"" + std::string(kKey) + "\":";
  wrapped.append(text).append("}");
  Result<event::Event> document = event::EventParser(kLimits).Parse(wrapped);
  if (!document) return Error(DataLoss(WithoutOffset(document.error().message())));
  std::size_t members = 0;
  document->root().ForEachMemberValue([&](event::Value) { ++members; });
  const std::optional<event::Value> value = document->root().Find(kKey);
  if (members != 1 || !value) return Error(DataLoss("is not one JSON value"));
  return JsonValue{std::move(*document), *value};
}

}  // namespace

Result<JsonValue> ParseJsonValue(std::string_view text) {
  if (!text.starts_with('{')) return ParseWrapped(text);
  Result<event::Event> document = event::EventParser(kLimits).Parse(text);
  if (!document) return Error(DataLoss(document.error().message()));
  const event::Value root = document->root();
  return JsonValue{std::move(*document), root};
}

std::string TextOf(event::Value value, const event::Event& document) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.string_value());
  std::string text;
  event::AppendJson(value, document, text);
  return text;
}

std::string TextOf(const JsonValue& object, std::string_view name) {
  const std::optional<event::Value> member = object.value.Find(name);
  return member ? TextOf(*member, object.document) : std::string();
}

}  // namespace auditflow::api
