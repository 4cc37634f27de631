#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/link.hpp"

/// Why an event matches a rule, or why it does not.
namespace auditflow::match {

struct ExplainOptions {
  std::size_t max_text_bytes = 200;   ///< of one value of an event or a rule; longer ones are cut
  std::size_t max_values = 20;        ///< of an item's list that are named
  std::size_t max_event_values = 10;  ///< of a field's values that are named
  /// Parts of one tree; what is beyond is left out, which `ExplainedNode::incomplete` says.
  std::size_t max_nodes = 20'000;
};

/// A value of the event.
struct ExplainedEventValue {
  /// Under which name it stands in the event; a keyword's has its path, a text that the logsource
  /// map makes of several fields is there as the map writes it.
  std::string field;
  std::string text;         ///< at most `max_text_bytes` of it, UTF-8, nothing escaped
  std::uint64_t bytes = 0;  ///< of the whole text
  event::Type type = event::Type::kString;
  /// What rules see in its place, if the logsource map says that; cut like `text`.
  std::optional<std::string> meaning = std::nullopt;
};

/// One value of an item's list.
struct ExplainedValue {
  std::string text;  ///< as the rule writes it, at most `max_text_bytes`
  bool holds = false;
  sigma::SourceLocation location;
  /// The first value of the event for which it holds; nothing if there is none, or if it holds
  /// because the field is missing.
  std::optional<ExplainedEventValue> by;
};

/// `field|modifier|…: value(s)` and what the event has to say to it.
struct ExplainedItem {
  std::string field;  ///< "" for keywords
  std::vector<sigma::Modifier> modifiers;
  /// Under which names the event has the field: itself, or others that the logsource map gives.
  /// Empty: the event does not have it.
  std::vector<std::string> event_fields;
  /// The other names under which it was looked for.
  std::vector<std::string> other_names;
  std::vector<ExplainedEventValue> event_values;  ///< at most `max_event_values`
  std::size_t event_value_count = 0;              ///< not counted for keywords
  /// In their order; if there are more than `max_values`, those that decide are among them.
  std::vector<ExplainedValue> values;
  std::size_t value_count = 0;
  std::size_t holding_values = 0;
  /// The value that decided, an index into `values`: the first that holds; where all have to, the
  /// first that does not. Nothing if the whole list was needed.
  std::optional<std::size_t> decisive;
};

/// A part of a condition or of a search identifier, and whether it holds by itself.
struct ExplainedNode {
  enum class Kind : std::uint8_t {
    kAnd,
    kOr,
    kNot,
    kIdentifier,  ///< `name`; its content is the child
    kSelector,    ///< `name`: "1 of selection*"; the identifiers it means are the children
    kAllOf,       ///< a map: every child
    kAnyOf,       ///< a list: any child
    kItem,
  };
  Kind kind = Kind::kAnd;
  bool holds = false;
  std::string name;
  sigma::SourceLocation location;
  std::optional<ExplainedItem> item;  ///< kItem
  std::vector<ExplainedNode> children;
  /// The content of this identifier stands at an earlier node of the same name.
  bool repeated = false;
  bool incomplete = false;  ///< `max_nodes` was reached below
};

/// A Sigma filter that applies to the rule.
struct ExplainedFilter {
  std::string title;
  std::string key;  ///< `Metadata::key`
  sigma::SourceLocation location;
  bool holds = false;      ///< its condition
  bool lets_pass = false;  ///< what that means for the rule, by the filter mode
  std::vector<ExplainedNode> conditions;
};

/// A document of the logsource map.
struct ExplainedRoute {
  std::string title;
  sigma::SourceLocation location;
  /// What the document gives to an event; parts that the event states itself (`%field%`) are filled
  /// in with its values.
  std::string product;
  std::string category;
  std::string service;
  bool holds = false;                     ///< for this event
  bool fits = false;                      ///< has every part that the rule names
  std::vector<ExplainedNode> conditions;  ///< only if it fits or states a part
};

struct ExplainedRouting {
  bool reaches = false;  ///< the event has a logsource that the rule asks for
  /// The documents that lead to the rule's logsource, or would if the event stated another.
  std::vector<ExplainedRoute> routes;
  /// "product/category/service" of the event, each once; empty parts are none.
  std::vector<std::string> event_logsources;
};

struct Explanation {
  /// What a `Matcher` says: routed, condition and filters. A rule as code may still disagree.
  bool matches = false;
  bool holds = false;  ///< condition and filters, wherever the event comes from
  std::optional<ExplainedRouting> routing;  ///< nothing without a logsource map
  std::vector<ExplainedNode> conditions;    ///< any of them has to hold
  std::vector<ExplainedFilter> filters;     ///< all of them have to let it pass
};

/// Explains rules about one event.
///
/// Every truth in an explanation is the answer of the reference evaluator to the meaning of that
/// part alone, so nothing of the language is interpreted a second time here. It is slow: for people
/// who ask about single events, not for streams.
///
/// Lifetime: refers to rules and event. Thread safety: thread-compatible.
class Explainer {
 public:
  /// `options`: as the rules were compiled with; the logsource map is part of them.
  Explainer(const sigma::LinkedRules& rules, const event::Event& event, CompileOptions options = {},
            const ExplainOptions& explain_options = {});
  ~Explainer();
  Explainer(Explainer&&) noexcept;
  Explainer& operator=(Explainer&&) noexcept;

  /// @return kInvalidArgument, with file:line:column, if the rule cannot be evaluated or is none.
  [[nodiscard]] Result<Explanation> Explain(RuleIndex rule) const;

  /// Whether the event reaches the rule; true without a logsource map.
  [[nodiscard]] bool Reaches(RuleIndex rule) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::match
