#include <array>
#include <utility>

#include "src/sigma/detection.hpp"
#include "src/sigma/documents.hpp"
#include "src/sigma/fields.hpp"
#include "src/sigma/metadata.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

constexpr std::array<std::string_view, 2> kOwn = {"logsource", "detection"};
constexpr std::array<std::string_view, 1> kReserved = {"timeframe"};

/// " ('detections' in line 5?)" if a key looks like the missing one.
std::string NearMiss(const Node& document, std::string_view key) {
  for (const Node::Member& member : document.members) {
    if (EditDistance(AsciiLower(member.key), key, 2) > 2) continue;
    return "; is " + Quote(member.key) + " in line " + std::to_string(member.key_location.line) +
           " meant?";
  }
  return "";
}

void Missing(const Node& document, std::string_view key, Reporter& reporter) {
  reporter.Invalid(document.location, "missing-field",
                   "'" + std::string(key) + "' is missing" + NearMiss(document, key));
}

void ReadDetections(Node& detection, std::size_t max_depth, DetectionRule& rule,
                    Reporter& reporter) {
  if (detection.kind != Node::Kind::kMap) {
    return WrongType(detection, "detection", "a map of search identifiers and a condition",
                     reporter);
  }
  const std::size_t errors_before = reporter.errors();
  DetectionSection section = ReadDetectionSection(detection, kReserved, max_depth, reporter);
  rule.detections = std::move(section.detections);
  rule.conditions = std::move(section.conditions);
  const Node* timeframe = detection.Find("timeframe");
  if (timeframe != nullptr && reporter.errors() == errors_before) {
    reporter.Warn(timeframe->location, "timeframe",
                  "'timeframe' has no effect; windows of time are part of correlation rules "
                  "('timespan')");
  }
}

}  // namespace

Node* FindMember(Node& map, std::string_view key) {
  for (Node::Member& member : map.members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const Detection* DetectionRule::FindDetection(std::string_view identifier) const {
  for (const auto& [name, detection] : detections) {
    if (name == identifier) return &detection;
  }
  return nullptr;
}

std::optional<DetectionRule> ReadDetectionRule(Node& document, std::size_t max_depth,
                                               Reporter& reporter) {
  DetectionRule rule;
  Node* logsource = FindMember(document, "logsource");
  Node* detection = FindMember(document, "detection");
  if (logsource == nullptr) Missing(document, "logsource", reporter);
  if (detection == nullptr) Missing(document, "detection", reporter);
  rule.metadata = ReadMetadata(document, kOwn, reporter);
  if (logsource != nullptr) rule.logsource = ReadLogSource(*logsource, reporter);
  if (detection != nullptr) ReadDetections(*detection, max_depth, rule, reporter);
  if (!reporter.ok()) return std::nullopt;
  return rule;
}

}  // namespace auditflow::sigma
