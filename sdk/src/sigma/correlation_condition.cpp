#include "src/sigma/correlation_condition.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "src/sigma/condition_parser.hpp"
#include "src/sigma/documents.hpp"
#include "src/sigma/fields.hpp"
#include "src/sigma/scalar.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

constexpr std::array<std::string_view, 6> kComparisons = {"gt", "gte", "lt", "lte", "eq", "neq"};
constexpr std::array<std::string_view, 8> kKeys = {"gt", "gte", "lt",    "lte",
                                                   "eq", "neq", "field", "percentile"};

bool IsTemporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

/// Counts are whole; the others are computed from the field's values.
bool IsCount(CorrelationType type) {
  return type == CorrelationType::kEventCount || type == CorrelationType::kValueCount ||
         IsTemporal(type);
}

bool TakesField(CorrelationType type) {
  return type != CorrelationType::kEventCount && !IsTemporal(type);
}

class Reader {
 public:
  Reader(std::size_t max_depth, CorrelationRule& rule, Reporter& reporter)
      : max_depth_(max_depth), rule_(rule), reporter_(reporter) {}

  void Read(const Node& correlation, Node* condition) {
    if (condition == nullptr) {
      if (IsTemporal(rule_.type)) return;
      return reporter_.Invalid(correlation.location, "missing-field",
                               "'correlation' needs 'condition', for example 'gte: 10'");
    }
    if (condition->kind == Node::Kind::kMap) return ReadMap(*condition);
    if (condition->kind != Node::Kind::kString) {
      return WrongType(*condition, "condition", "a map of comparisons", reporter_);
    }
    ReadBoolean(*condition);
  }

 private:
  void ReadBoolean(const Node& condition) {
    if (!IsTemporal(rule_.type)) {
      return reporter_.Invalid(
          condition.location, "wrong-type",
          "a boolean condition over rules belongs to the types temporal and temporal_ordered; "
          "here write a map, for example 'gte: 10'");
    }
    std::size_t budget = kMaxConditionNodes;
    rule_.rule_condition = ParseCondition(condition, max_depth_, &budget, reporter_);
    if (rule_.rule_condition) RefuseSelectors(*rule_.rule_condition);
  }

  void RefuseSelectors(const Condition& condition) {
    if (condition.kind == Condition::Kind::kSelector) {
      reporter_.Unsupported(condition.location, "correlation-selector",
                            "'of' cannot be used over rules; join their names with 'and' and 'or'");
    }
    for (const Condition& child : condition.children) RefuseSelectors(child);
  }

  void ReadMap(Node& condition) {
    for (Node::Member& member : condition.members) {
      if (reporter_.exhausted()) return;
      ReadMember(member);
    }
    const bool has_field = condition.Find("field") != nullptr;
    if (TakesField(rule_.type) && !has_field) {
      reporter_.Invalid(
          condition.location, "missing-field",
          "type " + std::string(ToString(rule_.type)) + " needs 'field' in 'condition'");
    }
    const bool compares = std::any_of(
        condition.members.begin(), condition.members.end(), [](const Node::Member& member) {
          return std::find(kComparisons.begin(), kComparisons.end(), member.key) !=
                 kComparisons.end();
        });
    if (!compares) {
      reporter_.Invalid(condition.location, "missing-field",
                        "'condition' needs a comparison: gt, gte, lt, lte, eq or neq");
    }
    if (reporter_.ok()) WarnOfEmptyRange(condition);
  }

  void ReadMember(Node::Member& member) {
    const auto* const comparison = std::find(kComparisons.begin(), kComparisons.end(), member.key);
    if (comparison != kComparisons.end()) {
      ReadComparison(static_cast<Comparison>(comparison - kComparisons.begin()), member);
    } else if (member.key == "field") {
      ReadFields(member);
    } else if (member.key == "percentile") {
      ReadPercentile(member);
    } else {
      reporter_.Unsupported(
          member.key_location, "unknown-field",
          "'condition' has no key " + Quote(member.key) + DidYouMean(member.key, kKeys));
    }
  }

  void ReadComparison(Comparison comparison, const Node::Member& member) {
    double threshold = 0;
    const Node& value = member.value;
    const bool number = value.kind == Node::Kind::kInteger || value.kind == Node::Kind::kUnsigned ||
                        value.kind == Node::Kind::kDouble;
    if (!number || !NumberOf(value, &threshold) || !std::isfinite(threshold)) {
      return WrongType(value, member.key, "a number", reporter_);
    }
    if (IsCount(rule_.type) && (threshold < 0 || std::floor(threshold) != threshold)) {
      return WrongType(value, member.key, "a whole number, as it is compared with a count,",
                       reporter_);
    }
    rule_.condition.emplace_back(comparison, threshold);
  }

  void ReadFields(Node::Member& member) {
    if (!TakesField(rule_.type)) {
      return reporter_.Invalid(member.key_location, "unknown-field",
                               "type " + std::string(ToString(rule_.type)) +
                                   " has no 'field'; to count values use value_count");
    }
    std::vector<std::string>& fields = rule_.condition_fields;
    if (!ReadStrings(member.value, "field", false, fields, reporter_)) return;
    const bool empty =
        fields.empty() || std::find(fields.begin(), fields.end(), "") != fields.end();
    if (empty) {
      reporter_.Invalid(member.value.location, "empty-value", "'field' has an empty field name");
    } else if (fields.size() > 1 && rule_.type != CorrelationType::kValueCount) {
      reporter_.Invalid(member.value.location, "wrong-value",
                        "type " + std::string(ToString(rule_.type)) + " takes one field");
    }
  }

  void ReadPercentile(const Node::Member& member) {
    if (rule_.type != CorrelationType::kValuePercentile) {
      return reporter_.Invalid(member.key_location, "unknown-field",
                               "'percentile' belongs to type value_percentile");
    }
    double percentile = 0;
    const bool number = member.value.kind != Node::Kind::kString &&
                        NumberOf(member.value, &percentile) && percentile >= 0 && percentile <= 100;
    if (!number) return WrongType(member.value, "percentile", "a number from 0 to 100", reporter_);
    rule_.percentile = percentile;
  }

  void WarnOfEmptyRange(const Node& condition) {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool open = false;
    for (const auto& [comparison, threshold] : rule_.condition) {
      const bool equal = comparison == Comparison::kEq;
      if (equal || comparison == Comparison::kGt || comparison == Comparison::kGte) {
        low = std::max(low, threshold);
      }
      if (equal || comparison == Comparison::kLt || comparison == Comparison::kLte) {
        high = std::min(high, threshold);
      }
      open = open || comparison == Comparison::kGt || comparison == Comparison::kLt;
    }
    if (low > high || (low == high && open)) {
      reporter_.Warn(condition.location, "never-true", "no number satisfies this range");
    }
  }

  std::size_t max_depth_;
  CorrelationRule& rule_;
  Reporter& reporter_;
};

}  // namespace

void ReadCorrelationCondition(Node& correlation, std::size_t max_depth, CorrelationRule& rule,
                              Reporter& reporter) {
  Reader(max_depth, rule, reporter).Read(correlation, FindMember(correlation, "condition"));
}

}  // namespace auditflow::sigma
