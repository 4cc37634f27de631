#include "cli/explain_json.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/rule_text.hpp"

namespace auditflow::cli {
namespace {

using Json = nlohmann::ordered_json;
using match::ExplainedEventValue;
using match::ExplainedNode;

std::string_view NameOf(ExplainedNode::Kind kind) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "and", "or", "not", "identifier", "selector", "all_of", "any_of", "item"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view NameOf(event::Type type) {
  switch (type) {
    case event::Type::kNull:
      return "null";
    case event::Type::kBool:
      return "boolean";
    case event::Type::kString:
      return "string";
    case event::Type::kArray:
      return "array";
    case event::Type::kObject:
      return "object";
    default:
      return "number";
  }
}

Json PlaceOf(const sigma::SourceLocation& location) {
  return {{"file", location.file ? *location.file : ""},
          {"line", location.line},
          {"column", location.column}};
}

Json ToJson(const ExplainedEventValue& value) {
  Json json = {{"field", value.field},
               {"type", NameOf(value.type)},
               {"text", value.text},
               {"bytes", value.bytes},
               {"cut", value.bytes > value.text.size()}};
  if (value.meaning) json["meaning"] = *value.meaning;
  return json;
}

Json ToJson(const match::ExplainedItem& item) {
  Json json = {{"field", item.field}, {"modifiers", Json::array()}};
  for (const sigma::Modifier modifier : item.modifiers) {
    json["modifiers"].push_back(sigma::ToString(modifier));
  }
  json["event_fields"] = item.event_fields;
  json["other_names"] = item.other_names;
  json["event_values"] = Json::array();
  for (const ExplainedEventValue& value : item.event_values) {
    json["event_values"].push_back(ToJson(value));
  }
  json["event_value_count"] = item.event_value_count;
  json["values"] = Json::array();
  for (const match::ExplainedValue& value : item.values) {
    Json entry = {{"text", value.text}, {"holds", value.holds}, {"at", PlaceOf(value.location)}};
    entry["by"] = value.by ? ToJson(*value.by) : Json();
    json["values"].push_back(std::move(entry));
  }
  json["value_count"] = item.value_count;
  json["holding_values"] = item.holding_values;
  json["decisive"] = item.decisive ? Json(*item.decisive) : Json();
  return json;
}

Json ToJson(const std::vector<ExplainedNode>& nodes);

Json ToJson(const ExplainedNode& node) {
  Json json = {{"kind", NameOf(node.kind)}, {"holds", node.holds}};
  if (!node.name.empty()) json["name"] = node.name;
  json["at"] = PlaceOf(node.location);
  if (node.repeated) json["repeated"] = true;
  if (node.incomplete) json["incomplete"] = true;
  if (node.item) json["item"] = ToJson(*node.item);
  if (!node.children.empty()) json["children"] = ToJson(node.children);
  return json;
}

Json ToJson(const std::vector<ExplainedNode>& nodes) {
  Json json = Json::array();
  for (const ExplainedNode& node : nodes) json.push_back(ToJson(node));
  return json;
}

Json ToJson(const match::ExplainedRouting& routing) {
  Json json = {{"reaches", routing.reaches}, {"event_logsources", routing.event_logsources}};
  json["documents"] = Json::array();
  for (const match::ExplainedRoute& route : routing.routes) {
    json["documents"].push_back({{"title", route.title},
                                 {"at", PlaceOf(route.location)},
                                 {"product", route.product},
                                 {"category", route.category},
                                 {"service", route.service},
                                 {"holds", route.holds},
                                 {"fits", route.fits},
                                 {"conditions", ToJson(route.conditions)}});
  }
  return json;
}

Json ToJson(const std::vector<match::ExplainedFilter>& filters) {
  Json json = Json::array();
  for (const match::ExplainedFilter& filter : filters) {
    json.push_back({{"title", filter.title},
                    {"id", filter.key},
                    {"at", PlaceOf(filter.location)},
                    {"holds", filter.holds},
                    {"lets_pass", filter.lets_pass},
                    {"conditions", ToJson(filter.conditions)}});
  }
  return json;
}

Json HeadOf(const RuleEntry& rule) {
  return {{"rule_id", rule.rule_id()},
          {"title", rule.metadata->title},
          {"kind", rule.kind()},
          {"at", PlaceOf(rule.metadata->location)}};
}

Json ToJson(const std::vector<correlate::EventField>& fields) {
  Json json = Json::array();
  for (const correlate::EventField& field : fields) {
    json.push_back({{"name", field.name},
                    {"path", field.path},
                    {"value", field.value ? Json(*field.value) : Json()}});
  }
  return json;
}

Json ToJson(const std::vector<pipeline::ExplainedReference>& references,
            const sigma::LinkedRules& rules) {
  Json json = Json::array();
  for (const pipeline::ExplainedReference& reference : references) {
    const bool detection = reference.rule.kind == sigma::RuleRef::Kind::kDetection;
    const sigma::Metadata& metadata = detection
                                          ? rules.rules.detections[reference.rule.index].metadata
                                          : rules.rules.correlations[reference.rule.index].metadata;
    Json entry = {{"title", metadata.title},
                  {"id", metadata.key()},
                  {"kind", detection ? "detection" : "correlation"},
                  {"at", PlaceOf(metadata.location)},
                  {"matches", reference.matches},
                  {"group", ToJson(reference.fields.group)},
                  {"values", ToJson(reference.fields.values)}};
    if (!detection) entry["references"] = ToJson(reference.references, rules);
    json.push_back(std::move(entry));
  }
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string ExplanationJson(const RuleEntry& rule, const match::Explanation& explanation) {
  Json json = HeadOf(rule);
  json["matches"] = explanation.matches;
  json["holds"] = explanation.holds;
  json["logsource"] = rule.subject();
  json["routing"] = explanation.routing ? ToJson(*explanation.routing) : Json();
  json["condition"] = Json::array();
  for (const sigma::Condition& condition : rule.detection->conditions) {
    json["condition"].push_back(ToText(condition));
  }
  json["conditions"] = ToJson(explanation.conditions);
  json["filters"] = ToJson(explanation.filters);
  return Dump(json);
}

std::string CorrelationJson(const RuleEntry& rule,
                            const std::vector<pipeline::ExplainedReference>& references,
                            const sigma::LinkedRules& rules) {
  Json json = HeadOf(rule);
  json["matches"] = std::any_of(references.begin(), references.end(),
                                [](const auto& reference) { return reference.matches; });
  json["window_evaluated"] = false;
  json["condition"] = Json::array({ToText(*rule.correlation)});
  json["references"] = ToJson(references, rules);
  return Dump(json);
}

}  // namespace auditflow::cli
