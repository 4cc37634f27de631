#include "cli/rule_entries.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>

#include "cli/finding_format.hpp"

namespace auditflow::cli {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool Contains(std::string_view text, std::string_view part) {
  return Lower(text).find(Lower(part)) != std::string::npos;
}

const sigma::LogSource* LogSourceOf(const RuleEntry& entry) {
  if (entry.detection != nullptr) return &entry.detection->logsource;
  return entry.filter != nullptr ? &entry.filter->logsource : nullptr;
}

std::string Join(const std::array<std::string_view, 3>& parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    joined.append(joined.empty() ? "" : "/").append(part);
  }
  return joined;
}

bool LogSourcePasses(const sigma::LogSource* source, std::string_view wanted) {
  if (wanted.empty()) return true;
  if (source == nullptr) return false;
  const std::array<std::string_view, 3> parts = {source->product, source->category,
                                                 source->service};
  for (const std::string_view part : parts) {
    const std::size_t slash = wanted.find('/');
    const std::string_view word = wanted.substr(0, slash);
    if (!word.empty() && word != "*" && Lower(word) != Lower(part)) return false;
    if (slash == std::string_view::npos) return true;
    wanted.remove_prefix(slash + 1);
  }
  return true;
}

bool TagPasses(const sigma::Metadata& metadata, const std::string& wanted) {
  return wanted.empty() ||
         std::any_of(metadata.tags.begin(), metadata.tags.end(),
                     [&](const std::string& tag) { return Lower(tag).starts_with(Lower(wanted)); });
}

bool TextPasses(const RuleEntry& entry, const std::string& wanted) {
  const sigma::Metadata& metadata = *entry.metadata;
  return wanted.empty() || Contains(metadata.title, wanted) || Contains(metadata.id, wanted) ||
         Contains(metadata.name, wanted) || Contains(entry.rule_id(), wanted);
}

void AddField(const std::string& field, std::vector<std::string>& fields) {
  if (field.empty()) return;
  if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
}

void AddFields(const sigma::Detection& detection, std::vector<std::string>& fields) {
  for (const auto& child : detection.children) {
    if (const auto* item = std::get_if<sigma::DetectionItem>(&child)) {
      AddField(item->field, fields);
    } else {
      AddFields(std::get<sigma::Detection>(child), fields);
    }
  }
}

void AddFields(const sigma::CorrelationRule& rule, std::vector<std::string>& fields) {
  const auto alias_of = [&rule](const std::string& name) {
    return std::find_if(rule.aliases.begin(), rule.aliases.end(),
                        [&](const sigma::CorrelationAlias& alias) { return alias.alias == name; });
  };
  for (const std::string& name : rule.group_by) {
    const auto alias = alias_of(name);
    if (alias == rule.aliases.end()) {
      AddField(name, fields);
      continue;
    }
    for (const auto& [reference, field] : alias->field_by_rule) AddField(field, fields);
  }
  for (const std::string& field : rule.condition_fields) AddField(field, fields);
}

}  // namespace

std::string RuleEntry::kind() const {
  if (detection != nullptr) return "detection";
  return correlation != nullptr ? "correlation" : "filter";
}

std::string RuleEntry::rule_id() const {
  return alert != nullptr ? alert->rule_id : metadata->key();
}

std::string RuleEntry::subject() const {
  if (correlation != nullptr) return std::string(sigma::ToString(correlation->type));
  const sigma::LogSource& source = *LogSourceOf(*this);
  return Join({source.product, source.category, source.service});
}

std::vector<RuleEntry> EntriesOf(const pipeline::RulePackage& package) {
  std::vector<RuleEntry> entries;
  const sigma::LinkedRules& linked = *package.rules;
  for (std::size_t i = 0; i < linked.rules.detections.size(); ++i) {
    const sigma::DetectionRule& rule = linked.rules.detections[i];
    entries.push_back({&rule.metadata, &rule, nullptr, nullptr, &package.detection_alerts[i],
                       linked.detection_outputs[i]});
  }
  for (std::size_t i = 0; i < linked.rules.correlations.size(); ++i) {
    const sigma::CorrelationRule& rule = linked.rules.correlations[i];
    entries.push_back({&rule.metadata, nullptr, &rule, nullptr, &package.correlation_alerts[i],
                       linked.correlation_outputs[i]});
  }
  for (const sigma::FilterRule& rule : linked.rules.filters) {
    entries.push_back({&rule.metadata, nullptr, nullptr, &rule, nullptr, false});
  }
  std::stable_sort(entries.begin(), entries.end(), [](const RuleEntry& a, const RuleEntry& b) {
    const sigma::Level left = EffectiveLevel(*a.metadata);
    const sigma::Level right = EffectiveLevel(*b.metadata);
    return left != right ? left > right : a.metadata->title < b.metadata->title;
  });
  return entries;
}

bool Passes(const RuleEntry& entry, const RuleFilter& filter) {
  return EffectiveLevel(*entry.metadata) >= filter.level &&
         (filter.kind.empty() || entry.kind() == filter.kind) &&
         LogSourcePasses(LogSourceOf(entry), filter.logsource) &&
         TagPasses(*entry.metadata, filter.tag) && TextPasses(entry, filter.text);
}

std::vector<RuleEntry> FindRules(const std::vector<RuleEntry>& entries, const std::string& name) {
  using Test = std::function<bool(const RuleEntry&)>;
  const std::string wanted = Lower(name);
  const std::array<Test, 4> tests = {
      [&](const RuleEntry& e) {
        return Lower(e.rule_id()) == wanted || Lower(e.metadata->id) == wanted ||
               Lower(e.metadata->name) == wanted;
      },
      [&](const RuleEntry& e) { return Lower(e.metadata->title) == wanted; },
      [&](const RuleEntry& e) { return Lower(e.metadata->id).starts_with(wanted); },
      [&](const RuleEntry& e) { return Contains(e.metadata->title, wanted); }};
  std::vector<RuleEntry> found;
  for (const Test& test : tests) {
    std::copy_if(entries.begin(), entries.end(), std::back_inserter(found), test);
    if (!found.empty()) break;
  }
  return found;
}

std::vector<std::string> FieldsOf(const RuleEntry& entry) {
  std::vector<std::string> fields;
  if (entry.correlation != nullptr) {
    AddFields(*entry.correlation, fields);
    return fields;
  }
  const auto& detections =
      entry.detection != nullptr ? entry.detection->detections : entry.filter->detections;
  for (const auto& [name, detection] : detections) AddFields(detection, fields);
  return fields;
}

}  // namespace auditflow::cli
