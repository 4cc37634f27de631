#include "src/api/rule_json.hpp"

#include <chrono>
#include <vector>

#include "auditflow/event/json_writer.hpp"

namespace auditflow::api {
namespace {

/// Members of one object, in the order in which they are added.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  void Text(std::string_view name, std::string_view value) {
    Name(name);
    event::AppendJsonString(value, out_);
  }
  void TextIfAny(std::string_view name, std::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  void Literal(std::string_view name, std::string_view json) {
    Name(name);
    out_ += json;
  }
  void Texts(std::string_view name, const std::vector<std::string>& values) {
    Name(name);
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      event::AppendJsonString(values[i], out_);
    }
    out_ += ']';
  }
  /// Starts a member whose value is written by someone else.
  std::string& Name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(name).append("\":");
    return out_;
  }
  void End() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

void AppendLogSource(const sigma::LogSource& source, std::string& out) {
  ObjectWriter object(out);
  object.TextIfAny("product", source.product);
  object.TextIfAny("category", source.category);
  object.TextIfAny("service", source.service);
  object.End();
}

std::string SecondsText(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

void AppendCorrelation(const pipeline::RulePackage& package, std::uint32_t index,
                       std::string& out) {
  const sigma::CorrelationRule& rule = package.rules->rules.correlations[index];
  const std::size_t detections = package.detection_alerts.size();
  std::vector<std::string> references;
  for (const sigma::RuleRef& ref : package.rules->references_of[index]) {
    const bool is_detection = ref.kind == sigma::RuleRef::Kind::kDetection;
    references.push_back(
        EntryOf(package, is_detection ? ref.index : detections + ref.index).alert->rule_id);
  }
  ObjectWriter object(out);
  object.Text("type", sigma::ToString(rule.type));
  object.Literal("timespan_seconds", SecondsText(rule.timespan));
  object.Texts("group_by", rule.group_by);
  object.Texts("rules", references);
  object.End();
}

void AppendDetails(const pipeline::RulePackage& package, const RuleEntry& rule,
                   ObjectWriter& object) {
  const sigma::Metadata& metadata = *rule.metadata;
  object.TextIfAny("description", metadata.description);
  object.TextIfAny("author", metadata.author);
  object.TextIfAny("date", metadata.date);
  object.TextIfAny("modified", metadata.modified);
  object.Texts("references", metadata.references);
  object.Texts("falsepositives", metadata.falsepositives);
  object.Text("severity", rule.alert->severity);
  if (!rule.is_detection()) {
    AppendCorrelation(package, rule.ref.index, object.Name("correlation"));
  }
}

}  // namespace

RuleEntry EntryOf(const pipeline::RulePackage& package, std::size_t index) {
  const sigma::LinkedRules& linked = *package.rules;
  const std::size_t detections = package.detection_alerts.size();
  RuleEntry entry;
  if (index < detections) {
    entry.ref = {sigma::RuleRef::Kind::kDetection, static_cast<std::uint32_t>(index)};
    entry.metadata = &linked.rules.detections[index].metadata;
    entry.alert = &package.detection_alerts[index];
    entry.makes_alerts = linked.detection_outputs[index];
    return entry;
  }
  index -= detections;
  entry.ref = {sigma::RuleRef::Kind::kCorrelation, static_cast<std::uint32_t>(index)};
  entry.metadata = &linked.rules.correlations[index].metadata;
  entry.alert = &package.correlation_alerts[index];
  entry.makes_alerts = linked.correlation_outputs[index];
  return entry;
}

void AppendRule(const pipeline::RulePackage& package, const RuleEntry& rule, std::int64_t matches,
                RuleDetail detail, std::string& out) {
  const sigma::Metadata& metadata = *rule.metadata;
  ObjectWriter object(out);
  object.Text("id", rule.alert->rule_id);
  object.TextIfAny("sigma_id", metadata.id);
  object.Text("name", rule.alert->rule_name);
  object.Text("title", metadata.title);
  object.Text("kind", rule.kind());
  object.Text("level", metadata.level ? sigma::ToString(*metadata.level) : "medium");
  if (metadata.status) object.Text("status", sigma::ToString(*metadata.status));
  object.Texts("tags", metadata.tags);
  if (rule.is_detection()) {
    AppendLogSource(package.rules->rules.detections[rule.ref.index].logsource,
                    object.Name("logsource"));
  }
  object.Literal("makes_alerts", rule.makes_alerts ? "true" : "false");
  if (metadata.location.file != nullptr) {
    object.Text("file", *metadata.location.file);
    object.Literal("line", std::to_string(metadata.location.line));
  }
  if (matches >= 0) object.Literal("matches", std::to_string(matches));
  if (detail == RuleDetail::kWhole) AppendDetails(package, rule, object);
  object.End();
}

}  // namespace auditflow::api
