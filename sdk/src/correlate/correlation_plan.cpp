#include "src/correlate/correlation_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "auditflow/core/uuid.hpp"

namespace auditflow::correlate {
namespace {

using sigma::CorrelationRule;
using sigma::CorrelationType;
using sigma::RuleRef;

bool TakesValue(CorrelationType type) {
  return type != CorrelationType::kEventCount && type != CorrelationType::kTemporal &&
         type != CorrelationType::kTemporalOrdered;
}

Status Fault(const sigma::SourceLocation& location, const std::string& what) {
  return InvalidArgument(location.ToString() + ": " + what);
}

const sigma::Metadata& MetadataOf(const sigma::LinkedRules& rules, RuleRef reference) {
  return reference.kind == RuleRef::Kind::kDetection
             ? rules.rules.detections[reference.index].metadata
             : rules.rules.correlations[reference.index].metadata;
}

Result<Repeat> RepeatOf(const CorrelationRule& rule, Repeat fallback) {
  const sigma::Node* block = rule.metadata.FindCustom("auditflow");
  if (block == nullptr) return fallback;
  if (block->kind != sigma::Node::Kind::kMap) {
    return Error(Fault(block->location, "auditflow: a map expected"));
  }
  const sigma::Node* repeat = block->Find("repeat");
  if (repeat == nullptr) return fallback;
  if (repeat->text == "once") return Repeat::kOnce;
  if (repeat->text == "every") return Repeat::kEvery;
  return Error(Fault(repeat->location, "auditflow.repeat: \"once\" or \"every\" expected"));
}

/// One correlation with its references at hand.
class Planner {
 public:
  Planner(const sigma::LinkedRules& rules, std::uint32_t index)
      : rules_(rules),
        index_(index),
        rule_(rules.rules.correlations[index]),
        references_(rules.references_of[index]) {}

  Result<WindowSpec> Spec(const CorrelatorOptions& options, std::uint32_t level) const;
  [[nodiscard]] SlotFields Fields(std::uint32_t slot) const;

 private:
  [[nodiscard]] Result<Repeat> RepeatBy(const CorrelatorOptions& options) const;
  [[nodiscard]] bool Feeds() const;
  [[nodiscard]] bool Names(std::uint32_t slot, std::string_view name) const;
  [[nodiscard]] std::string Path(std::uint32_t slot, const std::string& field) const;
  [[nodiscard]] Result<sigma::Condition> Resolve(const sigma::Condition& condition) const;
  [[nodiscard]] Result<sigma::Condition> ResolveName(const sigma::Condition& condition) const;
  [[nodiscard]] Result<sigma::Condition> ResolveSelector(const sigma::Condition& condition) const;
  [[nodiscard]] std::string Key(const WindowSpec& spec) const;

  const sigma::LinkedRules& rules_;
  std::uint32_t index_;
  const CorrelationRule& rule_;
  const std::vector<RuleRef>& references_;
};

Result<Repeat> Planner::RepeatBy(const CorrelatorOptions& options) const {
  Result<Repeat> stated = RepeatOf(rule_, options.repeat);
  if (!stated || !options.repeat_of_alerts || Feeds()) return stated;
  return *options.repeat_of_alerts;
}

/// Whether another correlation refers to this one.
bool Planner::Feeds() const {
  for (const auto& references : rules_.references_of) {
    for (const RuleRef& reference : references) {
      if (reference.kind == RuleRef::Kind::kCorrelation && reference.index == index_) return true;
    }
  }
  return false;
}

bool Planner::Names(std::uint32_t slot, std::string_view name) const {
  if (slot < rule_.rules.size() && rule_.rules[slot].rule == name) return true;
  const sigma::Metadata& metadata = MetadataOf(rules_, references_[slot]);
  return !name.empty() && (metadata.id == name || metadata.name == name);
}

std::string Planner::Path(std::uint32_t slot, const std::string& field) const {
  for (const auto& alias : rule_.aliases) {
    if (alias.alias != field) continue;
    for (const auto& [reference, path] : alias.field_by_rule) {
      if (Names(slot, reference)) return path;
    }
  }
  return field;
}

SlotFields Planner::Fields(std::uint32_t slot) const {
  SlotFields fields;
  for (const auto& field : rule_.group_by) fields.group.push_back(Path(slot, field));
  if (!TakesValue(rule_.type)) return fields;
  for (const auto& field : rule_.condition_fields) fields.value.push_back(Path(slot, field));
  return fields;
}

Result<WindowSpec> Planner::Spec(const CorrelatorOptions& options, std::uint32_t level) const {
  WindowSpec spec;
  auto repeat = RepeatBy(options);
  if (!repeat) return Error(repeat.error());
  if (TakesValue(rule_.type) && rule_.condition_fields.empty()) {
    return Error(Fault(rule_.location, "correlation: " + std::string(ToString(rule_.type)) +
                                           " needs a field in its condition"));
  }
  spec.type = rule_.type;
  spec.timespan = rule_.timespan;
  spec.condition = rule_.condition;
  spec.percentile = rule_.percentile.value_or(50);
  spec.rule_slots = static_cast<std::uint32_t>(references_.size());
  spec.repeat = *repeat;
  spec.level = level;
  if (rule_.rule_condition) {
    auto condition = Resolve(*rule_.rule_condition);
    if (!condition) return Error(condition.error());
    spec.slot_condition = *std::move(condition);
  }
  spec.key = Key(spec);
  return spec;
}

Result<sigma::Condition> Planner::Resolve(const sigma::Condition& condition) const {
  using Kind = sigma::Condition::Kind;
  if (condition.kind == Kind::kIdentifier) return ResolveName(condition);
  if (condition.kind == Kind::kSelector) return ResolveSelector(condition);
  sigma::Condition resolved = condition;
  for (auto& child : resolved.children) {
    auto inner = Resolve(child);
    if (!inner) return inner;
    child = *std::move(inner);
  }
  return resolved;
}

Result<sigma::Condition> Planner::ResolveName(const sigma::Condition& condition) const {
  for (std::uint32_t slot = 0; slot < references_.size(); ++slot) {
    if (!Names(slot, condition.name)) continue;
    sigma::Condition resolved = condition;
    resolved.name = std::to_string(slot);
    return resolved;
  }
  return Error(Fault(condition.location, "correlation: the condition names \"" + condition.name +
                                             "\", which is not among its rules"));
}

/// `*` stands for any text. On a mismatch only the last star takes one more character.
bool MatchesPattern(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.size() && pattern[at] == text[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

Result<sigma::Condition> Planner::ResolveSelector(const sigma::Condition& condition) const {
  sigma::Condition resolved = condition;
  if (condition.name == "them") return resolved;
  for (std::uint32_t slot = 0; slot < references_.size(); ++slot) {
    std::string_view written;
    if (slot < rule_.rules.size()) written = rule_.rules[slot].rule;
    const sigma::Metadata& metadata = MetadataOf(rules_, references_[slot]);
    const std::array<std::string_view, 3> names = {written, metadata.id, metadata.name};
    const bool chosen = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return !name.empty() && MatchesPattern(condition.name, name);
    });
    if (!chosen) continue;
    sigma::Condition child;
    child.name = std::to_string(slot);
    resolved.children.push_back(std::move(child));
  }
  if (!resolved.children.empty()) return resolved;
  return Error(Fault(condition.location,
                     "correlation: \"" + condition.name + "\" matches none of its rules"));
}

void AppendText(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void AppendNumber(std::string& out, double number) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  AppendText(out, {buffer.data(), end});
}

void AppendCondition(std::string& out, const sigma::Condition& condition) {
  out += static_cast<char>('a' + static_cast<int>(condition.kind));
  AppendText(out, condition.name);
  out += std::to_string(condition.quantity);
  out += '(';
  for (const auto& child : condition.children) AppendCondition(out, child);
  out += ')';
}

/// The rule's name and a digest of everything that its state depends on.
std::string Planner::Key(const WindowSpec& spec) const {
  std::string meaning(ToString(spec.type));
  AppendNumber(meaning, static_cast<double>(spec.timespan.count()));
  AppendNumber(meaning, spec.percentile);
  for (const auto& [comparison, threshold] : spec.condition) {
    meaning += static_cast<char>('a' + static_cast<int>(comparison));
    AppendNumber(meaning, threshold);
  }
  meaning += spec.repeat == Repeat::kOnce ? "once" : "every";
  meaning += std::to_string(spec.level);
  if (spec.slot_condition) AppendCondition(meaning, *spec.slot_condition);
  for (std::uint32_t slot = 0; slot < references_.size(); ++slot) {
    AppendText(meaning, MetadataOf(rules_, references_[slot]).key());
    const SlotFields fields = Fields(slot);
    for (const auto& path : fields.group) AppendText(meaning, path);
    meaning += '/';
    for (const auto& path : fields.value) AppendText(meaning, path);
  }
  return rule_.metadata.key() + "#" + Uuid::V5(Uuid(), meaning).ToString();
}

std::uint32_t LevelOf(const std::vector<RuleRef>& references,
                      const std::vector<std::uint32_t>& levels) {
  std::uint32_t level = 1;
  for (const RuleRef& reference : references) {
    if (reference.kind != RuleRef::Kind::kCorrelation) continue;
    level = std::max(level, levels[reference.index] + 1);
  }
  return level;
}

void AddFeeds(CorrelationPlans& plans, std::uint32_t plan, const std::vector<RuleRef>& references) {
  for (std::uint32_t slot = 0; slot < references.size(); ++slot) {
    const RuleRef& reference = references[slot];
    auto& feeds = reference.kind == RuleRef::Kind::kDetection ? plans.detection_feeds
                                                              : plans.correlation_feeds;
    feeds[reference.index].push_back({plan, slot});
  }
}

}  // namespace

std::uint32_t StableHash(std::string_view text, std::uint32_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

SlotFields SlotFieldsOf(const sigma::LinkedRules& rules, std::uint32_t correlation,
                        std::uint32_t reference) {
  return Planner(rules, correlation).Fields(reference);
}

Result<CorrelationPlans> PlanCorrelations(const sigma::LinkedRules& rules,
                                          const CorrelatorOptions& options) {
  CorrelationPlans plans;
  plans.detection_feeds.resize(rules.rules.detections.size());
  plans.correlation_feeds.resize(rules.rules.correlations.size());
  std::vector<std::uint32_t> levels(rules.rules.correlations.size(), 1);
  for (const std::uint32_t index : rules.correlation_order) {
    const auto& references = rules.references_of[index];
    const Planner planner(rules, index);
    CorrelationPlan plan;
    plan.correlation = index;
    plan.level = levels[index] = LevelOf(references, levels);
    auto spec = planner.Spec(options, plan.level);
    if (!spec) return Error(spec.error());
    for (std::uint32_t slot = 0; slot < references.size(); ++slot) {
      plan.slots.push_back(planner.Fields(slot));
      plan.uniform = plan.uniform && plan.slots.back() == plan.slots.front();
    }
    plans.specs.resize(std::max<std::size_t>(plans.specs.size(), plan.level));
    plans.plan_of_spec.resize(plans.specs.size());
    auto& level_specs = plans.specs[plan.level - 1];
    plan.spec = static_cast<std::uint32_t>(level_specs.size());
    plan.counts_values = spec->type == CorrelationType::kValueCount;
    level_specs.push_back(*std::move(spec));
    const auto plan_index = static_cast<std::uint32_t>(plans.plans.size());
    plans.plan_of_spec[plan.level - 1].push_back(plan_index);
    AddFeeds(plans, plan_index, references);
    plans.plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace auditflow::correlate
