#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/sigma/node.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::event {
class Event;
}  // namespace auditflow::event

/// The Sigma specification v2.1.0 as data. These types say what a rule file says, checked for form
/// but with nothing evaluated or rewritten: values keep their wildcards and modifiers stand in the
/// order in which they were written.
namespace auditflow::sigma {

enum class Level : std::uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };
enum class RuleStatus : std::uint8_t { kStable, kTest, kExperimental, kDeprecated, kUnsupported };
std::string_view ToString(Level level);
std::string_view ToString(RuleStatus status);

struct LogSource {
  std::string product;     ///< empty: any
  std::string category;    ///< empty: any
  std::string service;     ///< empty: any
  std::string definition;  ///< for people; never evaluated
  /// Keys that the specification does not know, in document order; never evaluated.
  std::vector<Node::Member> custom;
  SourceLocation location;
};

struct Related {
  std::string id;
  std::string type;
};

/// What all Sigma documents share.
struct Metadata {
  std::string title;
  std::string id;    ///< "" if the document has none
  std::string name;  ///< "" if the document has none
  std::string taxonomy = "sigma";
  SourceLocation taxonomy_location;  ///< of its name; of the document if it has none
  std::optional<RuleStatus> status;
  std::optional<Level> level;
  std::string description;
  std::string license;
  std::string author;
  std::string date;
  std::string modified;
  std::vector<std::string> references;
  std::vector<std::string> tags;
  std::vector<std::string> fields;
  std::vector<std::string> falsepositives;
  std::vector<std::string> scope;
  std::vector<Related> related;
  /// Every top-level key that the specification does not know, in document order; `auditflow:` is
  /// among them.
  std::vector<Node::Member> custom;
  SourceLocation location;  ///< of the document

  /// The id, else the name, else the title: how AuditFlow names the rule in output.
  [[nodiscard]] const std::string& key() const {
    return !id.empty() ? id : !name.empty() ? name : title;
  }
  [[nodiscard]] const Node* FindCustom(std::string_view key) const;
};

enum class Modifier : std::uint8_t {
  kContains,
  kStartsWith,
  kEndsWith,
  kAll,
  kExists,
  kCased,
  kNeq,
  kWindash,
  kRe,
  kReIgnoreCase,
  kReMultiline,
  kReDotAll,
  kBase64,
  kBase64Offset,
  kUtf16Le,
  kUtf16Be,
  kUtf16,
  kWide,
  kLt,
  kLte,
  kGt,
  kGte,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kCidr,
  kExpand,
  kFieldRef,
};
std::string_view ToString(Modifier modifier);

/// `field|modifier|…: value(s)`; a keyword search has no field.
struct DetectionItem {
  std::string field;  ///< "" for keywords
  std::vector<Modifier> modifiers;
  std::vector<Node>
      values;  ///< scalars; at least one, except for `field: []`, which the loader refuses
  bool is_list = false;  ///< written as a list, even of one
  SourceLocation location;
};

/// The content of a search identifier: AND of a map's items, OR of a list's entries, nested as
/// written.
struct Detection {
  enum class Kind : std::uint8_t { kAllOf, kAnyOf };
  Kind kind = Kind::kAllOf;
  std::vector<std::variant<DetectionItem, Detection>> children;
  SourceLocation location;
};

/// A node of a parsed condition.
struct Condition {
  enum class Kind : std::uint8_t {
    kIdentifier,  ///< `name`
    kSelector,    ///< `quantity of name`, where name is "them" or a pattern with `*`
    kNot,         ///< children[0]
    kAnd,
    kOr,
  };
  Kind kind = Kind::kIdentifier;
  std::string name;
  /// kSelector: how many must hold; 0 stands for `all`.
  std::uint32_t quantity = 0;
  std::vector<Condition> children;
  SourceLocation location;
};

/// What a rule as code asks of an event; see `pipeline::CodeRule` for what it may do.
using RuleCode = std::function<bool(const event::Event&)>;

struct DetectionRule {
  Metadata metadata;
  LogSource logsource;
  std::vector<std::pair<std::string, Detection>>
      detections;                     ///< search identifiers in document order
  std::vector<Condition> conditions;  ///< at least one; several mean OR
  /// Of a rule as code: what has to hold beside the conditions and the filters. Null: nothing.
  /// A `match::Matcher` alone does not ask it, see `match::CodeRunner`.
  std::shared_ptr<const RuleCode> code;

  [[nodiscard]] const Detection* FindDetection(std::string_view identifier) const;
};

enum class CorrelationType : std::uint8_t {
  kEventCount,
  kValueCount,
  kValueSum,
  kValueAvg,
  kValuePercentile,
  kValueMedian,
  kTemporal,
  kTemporalOrdered,
};
std::string_view ToString(CorrelationType type);

enum class Comparison : std::uint8_t { kGt, kGte, kLt, kLte, kEq, kNeq };

struct CorrelationAlias {
  std::string alias;
  std::vector<std::pair<std::string, std::string>> field_by_rule;  ///< rule reference → field
};

struct CorrelationRule {
  Metadata metadata;
  CorrelationType type = CorrelationType::kEventCount;
  struct Reference {
    std::string rule;  ///< an id or a name
    SourceLocation location;
  };
  std::vector<Reference> rules;
  std::vector<std::string> group_by;
  Duration timespan{0};
  /// All must hold; two make a range. Empty for a temporal type: all rules.
  std::vector<std::pair<Comparison, double>> condition;
  std::vector<std::string> condition_fields;  ///< value_* types; several: distinct tuples
  std::optional<double> percentile;           ///< value_percentile; 50 if not given
  /// Temporal types with a boolean condition over rule references.
  std::optional<Condition> rule_condition;
  std::vector<CorrelationAlias> aliases;
  bool generate = false;  ///< the referenced rules' own matches are output too
  SourceLocation location;
};

struct FilterRule {
  Metadata metadata;
  LogSource logsource;
  std::vector<CorrelationRule::Reference> rules;  ///< empty: every rule whose logsource fits
  std::vector<std::pair<std::string, Detection>> detections;
  std::vector<Condition> conditions;
};

/// Everything that was loaded, in the order of the files.
struct RuleCollection {
  std::vector<DetectionRule> detections;
  std::vector<CorrelationRule> correlations;
  std::vector<FilterRule> filters;
};

}  // namespace auditflow::sigma
