#include "src/sigma/detection.hpp"

#include <algorithm>
#include <optional>

#include "src/sigma/condition_parser.hpp"
#include "src/sigma/modifiers.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

using Child = std::variant<DetectionItem, Detection>;

Detection Make(Detection::Kind kind, const SourceLocation& location) {
  Detection detection;
  detection.kind = kind;
  detection.location = location;
  return detection;
}

std::string Subject(const DetectionItem& item) {
  return item.field.empty() ? "the keyword search" : "field " + Quote(item.field);
}

bool TakeScalar(Node& value, DetectionItem& item, Reporter& reporter) {
  if (!value.is_scalar()) {
    const bool map = value.kind == Node::Kind::kMap;
    reporter.Invalid(
        value.location, map ? "map-value" : "nested-list",
        map ? "a map cannot be the value of " + Subject(item) +
                  "; for a nested field write its path with dots, like parent.child"
            : "a list of values cannot hold another list, as it does for " + Subject(item));
    return false;
  }
  if (value.kind == Node::Kind::kNull && item.is_list) {
    reporter.Warn(value.location, "null-in-list",
                  "the specification knows null as a single value only; here " + Subject(item) +
                      " matches if missing or null");
  }
  item.values.push_back(std::move(value));
  return true;
}

bool TakeValues(Node& value, DetectionItem& item, Reporter& reporter) {
  if (value.kind != Node::Kind::kSequence) return TakeScalar(value, item, reporter);
  item.is_list = true;
  if (value.items.empty()) {
    reporter.Invalid(value.location, "empty-list",
                     "the list of values of " + Subject(item) + " is empty; it would never match");
    return false;
  }
  item.values.reserve(value.items.size());
  bool ok = true;
  for (Node& element : value.items) {
    if (reporter.exhausted()) return false;
    ok = TakeScalar(element, item, reporter) && ok;
  }
  return ok;
}

/// `field|modifier|…: value`
std::optional<DetectionItem> ReadItem(Node::Member& member, Reporter& reporter) {
  DetectionItem item;
  item.location = member.key_location;
  const std::size_t bar = member.key.find('|');
  if (bar == std::string::npos) {
    item.field = std::move(member.key);
    if (item.field.empty()) {
      reporter.Invalid(item.location, "missing-field",
                       "a field name is missing; for a keyword search use a list of words");
      return std::nullopt;
    }
  } else {
    const std::string_view key = member.key;
    auto modifiers = ParseModifiers(key.substr(bar + 1), item.location, reporter);
    if (!modifiers) return std::nullopt;
    item.modifiers = *std::move(modifiers);
    item.field = member.key.substr(0, bar);
  }
  if (!TakeValues(member.value, item, reporter)) return std::nullopt;
  CheckValues(item, reporter);
  return item;
}

DetectionItem KeywordItem(const SourceLocation& location) {
  DetectionItem item;
  item.location = location;
  return item;
}

bool IsKeyword(const Node& value, Reporter& reporter) {
  if (value.kind != Node::Kind::kNull) return true;
  reporter.Invalid(value.location, "null-keyword", "null cannot be searched for as a keyword");
  return false;
}

Detection ReadDetection(Node& value, Reporter& reporter);

Detection ReadMap(Node& map, Reporter& reporter) {
  Detection all = Make(Detection::Kind::kAllOf, map.location);
  if (map.members.empty()) {
    reporter.Invalid(map.location, "empty-map", "an empty map would match every event");
  }
  all.children.reserve(map.members.size());
  for (Node::Member& member : map.members) {
    if (reporter.exhausted()) break;
    std::optional<DetectionItem> item = ReadItem(member, reporter);
    if (item) all.children.emplace_back(*std::move(item));
  }
  return all;
}

Detection ReadKeywords(Node& list, Reporter& reporter) {
  Detection keywords = Make(Detection::Kind::kAllOf, list.location);
  DetectionItem item = KeywordItem(list.location);
  item.is_list = true;
  item.values.reserve(list.items.size());
  for (Node& word : list.items) {
    if (IsKeyword(word, reporter)) item.values.push_back(std::move(word));
  }
  keywords.children.emplace_back(std::move(item));
  return keywords;
}

Detection ReadList(Node& list, Reporter& reporter) {
  if (list.items.empty()) {
    reporter.Invalid(list.location, "empty-list", "the list is empty; it would never match");
  }
  const bool words = std::all_of(list.items.begin(), list.items.end(),
                                 [](const Node& entry) { return entry.is_scalar(); });
  if (words) return ReadKeywords(list, reporter);
  Detection any = Make(Detection::Kind::kAnyOf, list.location);
  any.children.reserve(list.items.size());
  for (Node& entry : list.items) {
    if (reporter.exhausted()) break;
    any.children.emplace_back(ReadDetection(entry, reporter));
  }
  return any;
}

Detection ReadKeyword(Node& word, Reporter& reporter) {
  Detection keyword = Make(Detection::Kind::kAllOf, word.location);
  DetectionItem item = KeywordItem(word.location);
  if (IsKeyword(word, reporter)) item.values.push_back(std::move(word));
  keyword.children.emplace_back(std::move(item));
  return keyword;
}

// Recursion is bounded by the depth of the YAML document.
Detection ReadDetection(Node& value, Reporter& reporter) {
  if (value.kind == Node::Kind::kMap) return ReadMap(value, reporter);
  if (value.kind == Node::Kind::kSequence) return ReadList(value, reporter);
  return ReadKeyword(value, reporter);
}

bool IsIdentifier(std::string_view name) {
  const bool word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return word && name != "and" && name != "or" && name != "not";
}

void ReadMember(Node::Member& member, DetectionSection& section, Reporter& reporter) {
  if (!IsIdentifier(member.key)) {
    reporter.Warn(member.key_location, "identifier-name",
                  "search identifier " + Quote(member.key) +
                      " cannot be named in a condition, only selected by 'them' or a pattern; use "
                      "letters, digits, '_' and '-' (and not the words and, or, not)");
  }
  Detection detection = ReadDetection(member.value, reporter);
  detection.location = member.key_location;
  section.detections.emplace_back(std::move(member.key), std::move(detection));
}

}  // namespace

DetectionSection ReadDetectionSection(Node& section, std::span<const std::string_view> reserved,
                                      std::size_t max_depth, Reporter& reporter) {
  DetectionSection result;
  const Node* condition = nullptr;
  const std::size_t errors_before = reporter.errors();
  for (Node::Member& member : section.members) {
    if (reporter.exhausted()) return result;
    if (member.key == "condition") {
      condition = &member.value;
    } else if (std::find(reserved.begin(), reserved.end(), member.key) != reserved.end()) {
      continue;
    } else if (result.detections.size() >= kMaxIdentifiers) {
      reporter.Invalid(member.key_location, "limit",
                       "more than " + std::to_string(kMaxIdentifiers) + " search identifiers");
      return result;
    } else {
      ReadMember(member, result, reporter);
    }
  }
  const bool detections_ok = reporter.errors() == errors_before;
  if (result.detections.empty() && detections_ok) {
    reporter.Invalid(section.location, "missing-field",
                     "no search identifier (like 'selection:') stands here");
  }
  if (condition == nullptr) {
    reporter.Invalid(section.location, "missing-field", "'condition' is missing");
    return result;
  }
  const std::size_t errors_at_condition = reporter.errors();
  result.conditions = ParseConditions(*condition, max_depth, reporter);
  const bool conditions_ok = reporter.errors() == errors_at_condition;
  if (conditions_ok && !result.detections.empty()) {
    CheckConditions(result.conditions, result.detections, reporter);
  }
  return result;
}

}  // namespace auditflow::sigma
