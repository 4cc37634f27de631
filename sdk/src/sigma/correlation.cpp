#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "src/sigma/condition_parser.hpp"
#include "src/sigma/correlation_condition.hpp"
#include "src/sigma/documents.hpp"
#include "src/sigma/fields.hpp"
#include "src/sigma/metadata.hpp"
#include "src/sigma/text.hpp"
#include "src/sigma/timespan.hpp"

namespace auditflow::sigma {
namespace {

constexpr std::array<std::string_view, 8> kTypes = {
    "event_count",      "value_count",  "value_sum", "value_avg",
    "value_percentile", "value_median", "temporal",  "temporal_ordered"};
constexpr std::array<std::string_view, 7> kKeys = {"type",      "rules",   "group-by", "timespan",
                                                   "condition", "aliases", "generate"};
constexpr std::array<std::string_view, 2> kOwn = {"correlation", "generate"};
constexpr std::size_t kMaxFieldName = 65'535;

class Reader {
 public:
  Reader(Node& document, std::size_t max_depth, Reporter& reporter)
      : document_(document),
        correlation_(*FindMember(document, "correlation")),
        max_depth_(max_depth),
        reporter_(reporter) {}

  std::optional<CorrelationRule> Read() {
    rule_.location = correlation_.location;
    rule_.metadata = ReadMetadata(document_, kOwn, reporter_);
    if (correlation_.kind != Node::Kind::kMap) {
      WrongType(correlation_, "correlation", "a map of type, rules, timespan …", reporter_);
      return std::nullopt;
    }
    RefuseUnknownKeys();
    ReadType();
    ReadRules();
    ReadGroupBy();
    ReadTimespan();
    ReadGenerate();
    ReadAliases();
    if (type_known_) ReadCorrelationCondition(correlation_, max_depth_, rule_, reporter_);
    if (reporter_.ok()) CheckRules();
    if (!reporter_.ok()) return std::nullopt;
    return std::move(rule_);
  }

 private:
  void RefuseUnknownKeys() {
    for (const Node::Member& member : correlation_.members) {
      if (reporter_.exhausted()) return;
      if (std::find(kKeys.begin(), kKeys.end(), member.key) != kKeys.end()) continue;
      const std::string hint =
          member.key == "timeframe" ? ", did you mean 'timespan'?" : DidYouMean(member.key, kKeys);
      reporter_.Unsupported(member.key_location, "unknown-field",
                            "'correlation' has no key " + Quote(member.key) + hint);
    }
  }

  Node* Required(std::string_view key) {
    Node* value = FindMember(correlation_, key);
    if (value == nullptr) {
      reporter_.Invalid(correlation_.location, "missing-field",
                        "'correlation' needs '" + std::string(key) + "'");
    }
    return value;
  }

  void ReadType() {
    const Node* type = Required("type");
    std::size_t index = 0;
    type_known_ = type != nullptr && ReadWord(*type, "type", kTypes, &index, reporter_);
    if (type_known_) rule_.type = static_cast<CorrelationType>(index);
  }

  void ReadRules() {
    Node* rules = FindMember(correlation_, "rules");
    if (rules != nullptr) rule_.rules = ReadReferences(*rules, reporter_);
    if (rules != nullptr && rules->kind == Node::Kind::kSequence && rules->items.empty()) {
      reporter_.Invalid(rules->location, "empty-list", "'rules' names no rule");
    }
  }

  void ReadGroupBy() {
    Node* group_by = FindMember(correlation_, "group-by");
    if (group_by == nullptr) return;
    ReadStrings(*group_by, "group-by", false, rule_.group_by, reporter_);
    for (const std::string& field : rule_.group_by) {
      if (!field.empty()) continue;
      reporter_.Invalid(group_by->location, "empty-value", "'group-by' has an empty field name");
    }
  }

  void ReadTimespan() {
    const Node* timespan = Required("timespan");
    if (timespan == nullptr) return;
    std::string problem;
    const std::optional<Duration> duration = ParseTimespan(timespan->text, &problem);
    if (!timespan->is_scalar() || timespan->kind == Node::Kind::kNull) {
      WrongType(*timespan, "timespan", "a string like 5m", reporter_);
    } else if (duration) {
      rule_.timespan = *duration;
    } else {
      reporter_.Invalid(timespan->location, "wrong-timespan",
                        "'timespan' " + Quote(timespan->text) + ": " + problem);
    }
  }

  void ReadGenerate() {
    const Node* inner = FindMember(correlation_, "generate");
    const Node* outer = FindMember(document_, "generate");
    bool inner_value = false;
    bool outer_value = false;
    if (inner != nullptr) ReadBool(*inner, "generate", inner_value, reporter_);
    if (outer != nullptr) ReadBool(*outer, "generate", outer_value, reporter_);
    if (inner != nullptr && outer != nullptr && inner_value != outer_value) {
      reporter_.Invalid(outer->location, "contradiction",
                        "'generate' here contradicts 'generate' under 'correlation'; keep one");
    }
    rule_.generate = inner_value || outer_value;
  }

  void ReadAliases() {
    Node* aliases = FindMember(correlation_, "aliases");
    if (aliases == nullptr) return;
    if (aliases->kind != Node::Kind::kMap) {
      return WrongType(*aliases, "aliases", "a map of alias to {rule: field}", reporter_);
    }
    for (Node::Member& member : aliases->members) ReadAlias(member);
  }

  void ReadAlias(Node::Member& member) {
    if (member.value.kind != Node::Kind::kMap || member.value.members.empty()) {
      return WrongType(member.value, member.key, "a map of rule to field", reporter_);
    }
    const auto& group_by = rule_.group_by;
    if (std::find(group_by.begin(), group_by.end(), member.key) == group_by.end()) {
      reporter_.Warn(member.key_location, "unused-alias",
                     "alias " + Quote(member.key) + " does not occur in 'group-by'");
    }
    CorrelationAlias alias;
    alias.alias = std::move(member.key);
    for (Node::Member& entry : member.value.members) {
      std::string field;
      ReadString(entry.value, "field of the alias", kMaxFieldName, field, reporter_);
      alias.field_by_rule.emplace_back(std::move(entry.key), std::move(field));
    }
    rule_.aliases.push_back(std::move(alias));
  }

  /// A boolean condition names rules as well; without `rules` it is the list.
  void CheckRules() {
    std::unordered_set<std::string_view> listed;
    for (const auto& reference : rule_.rules) listed.insert(reference.rule);
    if (rule_.rules.empty() && rule_.rule_condition) {
      CollectRules(*rule_.rule_condition, listed);
    } else if (rule_.rules.empty()) {
      Required("rules");
    } else if (rule_.rule_condition) {
      CheckListed(*rule_.rule_condition, listed);
    }
  }

  void CollectRules(const Condition& condition, std::unordered_set<std::string_view>& listed) {
    const bool rule = condition.kind == Condition::Kind::kIdentifier;
    if (rule && listed.insert(condition.name).second) {
      rule_.rules.push_back({condition.name, condition.location});
    }
    for (const Condition& child : condition.children) CollectRules(child, listed);
  }

  void CheckListed(const Condition& condition, const std::unordered_set<std::string_view>& listed) {
    if (condition.kind == Condition::Kind::kIdentifier && !listed.contains(condition.name)) {
      reporter_.Invalid(
          condition.location, "unknown-identifier",
          "the condition uses " + Quote(condition.name) + ", which 'rules' does not list");
    }
    for (const Condition& child : condition.children) CheckListed(child, listed);
  }

  Node& document_;
  Node& correlation_;
  std::size_t max_depth_;
  Reporter& reporter_;
  CorrelationRule rule_;
  bool type_known_ = false;
};

}  // namespace

std::string_view ToString(CorrelationType type) {
  return kTypes.at(static_cast<std::size_t>(type));
}

std::vector<CorrelationRule::Reference> ReadReferences(Node& value, Reporter& reporter) {
  std::vector<CorrelationRule::Reference> references;
  const auto add = [&](Node& node) {
    const SourceLocation place = node.location;
    std::string name;
    if (!ReadString(node, "a reference in rules", kMaxFieldName, name, reporter)) return;
    if (name.empty()) {
      return reporter.Invalid(place, "empty-value", "'rules' has an empty reference");
    }
    references.push_back({std::move(name), place});
  };
  if (value.kind != Node::Kind::kSequence) {
    add(value);
  } else {
    for (Node& item : value.items) add(item);
  }
  return references;
}

std::optional<CorrelationRule> ReadCorrelationRule(Node& document, std::size_t max_depth,
                                                   Reporter& reporter) {
  return Reader(document, max_depth, reporter).Read();
}

}  // namespace auditflow::sigma
