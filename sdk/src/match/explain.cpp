#include "auditflow/match/explain.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "src/match/explain_values.hpp"
#include "src/match/lower.hpp"
#include "src/match/lower_item.hpp"
#include "src/match/lower_scope.hpp"
#include "src/match/mapped_fields.hpp"
#include "src/match/naive_evaluator.hpp"
#include "src/match/router.hpp"

namespace auditflow::match {
namespace {

using sigma::Condition;
using sigma::Detection;
using Kind = ExplainedNode::Kind;

/// The tree of the conditions over one set of search identifiers.
class TreeBuilder {
 public:
  TreeBuilder(const Detections& detections, const CompileOptions& compile,
              const ExplainOptions& options, const event::Event& event, const MappedFields& fields)
      : detections_(detections),
        scope_(detections, compile, diagnostics_),
        compile_(compile),
        options_(options),
        event_(event),
        fields_(fields),
        items_(event, fields, compile, options) {
    scope_.LowerDetections();
  }

  std::vector<ExplainedNode> Build(const std::vector<Condition>& conditions) {
    std::vector<ExplainedNode> nodes;
    nodes.reserve(conditions.size());
    for (const Condition& condition : conditions) nodes.push_back(Of(condition));
    return nodes;
  }

 private:
  [[nodiscard]] bool Holds(const Expression& meaning) const {
    return EvaluateNaively(meaning, event_, fields_);
  }

  static Kind KindOf(Condition::Kind kind) {
    switch (kind) {
      case Condition::Kind::kIdentifier:
        return Kind::kIdentifier;
      case Condition::Kind::kSelector:
        return Kind::kSelector;
      case Condition::Kind::kNot:
        return Kind::kNot;
      case Condition::Kind::kAnd:
        return Kind::kAnd;
      case Condition::Kind::kOr:
        break;
    }
    return Kind::kOr;
  }

  ExplainedNode Of(const Condition& condition) {
    ExplainedNode node;
    node.kind = KindOf(condition.kind);
    node.location = condition.location;
    if (const auto meaning = scope_.Meaning(condition)) node.holds = Holds(*meaning);
    if (condition.kind == Condition::Kind::kIdentifier) {
      node.name = condition.name;
      AddContent(node);
    } else if (condition.kind == Condition::Kind::kSelector) {
      AddSelected(condition, node);
    } else {
      for (const Condition& child : condition.children) {
        AddTo(node, [&] { return Of(child); });
      }
    }
    return node;
  }

  template <class Make>
  void AddTo(ExplainedNode& parent, Make&& make) {
    if (nodes_ >= options_.max_nodes) {
      parent.incomplete = true;
      return;
    }
    ++nodes_;
    parent.children.push_back(make());
    parent.incomplete = parent.incomplete || parent.children.back().incomplete;
  }

  void AddSelected(const Condition& condition, ExplainedNode& node) {
    const std::string quantity =
        condition.quantity == 0 ? "all" : std::to_string(condition.quantity);
    node.name = quantity + " of " + condition.name;
    for (const auto& [name, detection] : detections_) {
      if (!IsSelected(condition.name, name)) continue;
      Condition identifier;
      identifier.name = name;
      identifier.location = detection.location;
      AddTo(node, [&] { return Of(identifier); });
    }
  }

  void AddContent(ExplainedNode& node) {
    node.repeated = !expanded_.insert(node.name).second;
    if (node.repeated) return;
    for (const auto& [name, detection] : detections_) {
      if (name == node.name) AddTo(node, [&, &part = detection] { return Of(part); });
    }
  }

  ExplainedNode Of(const Detection& detection) {
    ExplainedNode node;
    node.kind = detection.kind == Detection::Kind::kAllOf ? Kind::kAllOf : Kind::kAnyOf;
    node.location = detection.location;
    if (const auto meaning = scope_.LowerDetection(detection)) node.holds = Holds(*meaning);
    for (const auto& child : detection.children) {
      const auto* item = std::get_if<sigma::DetectionItem>(&child);
      AddTo(node, [&] { return item != nullptr ? Of(*item) : Of(std::get<Detection>(child)); });
    }
    return node;
  }

  ExplainedNode Of(const sigma::DetectionItem& item) {
    ExplainedNode node;
    node.kind = Kind::kItem;
    node.location = item.location;
    if (const auto meaning = LowerItem(item, compile_)) node.holds = Holds(*meaning);
    node.item = items_.Explain(item);
    return node;
  }

  const Detections& detections_;
  std::vector<sigma::Diagnostic> diagnostics_;
  LowerScope scope_;
  const CompileOptions& compile_;
  const ExplainOptions& options_;
  const event::Event& event_;
  const MappedFields& fields_;
  ItemExplainer items_;
  std::set<std::string> expanded_;
  std::size_t nodes_ = 0;
};

/// The value of `%field%` in a part of a logsource, or the part itself.
std::string FilledIn(const std::string& part, const event::Event& event, bool& stated) {
  const auto field = StatedField(part);
  if (!field) return part;
  stated = true;
  constexpr std::size_t kLongest = 128;
  std::string text = event::TextAt(event, *field).value_or("");
  return text.size() > kLongest ? "" : text;
}

std::string NameOf(const LogsourceKey& key) { return key[0] + '/' + key[1] + '/' + key[2]; }

}  // namespace

struct Explainer::Impl {
  /// A document of the map as it stands to this event.
  struct Route {
    RuleIndex document = 0;
    LogsourceKey key;
    bool stated = false;
    bool holds = false;
  };

  Impl(const sigma::LinkedRules& linked, const event::Event& asked, CompileOptions compile_options,
       const ExplainOptions& explain_options)
      : rules(linked), event(asked), compile(std::move(compile_options)), options(explain_options) {
    if (compile.logsource_map != nullptr) AskRoutes();
  }

  void AskRoutes() {
    const auto& documents = compile.logsource_map->rules.detections;
    std::vector<sigma::Diagnostic> ignored;
    for (RuleIndex i = 0; i < documents.size(); ++i) {
      const auto meaning = Lower(*compile.logsource_map, i, compile, ignored);
      if (!meaning) continue;
      Route route{i, KeyOf(documents[i].logsource), false, EvaluateNaively(*meaning, event)};
      for (std::string& part : route.key) part = FilledIn(part, event, route.stated);
      if (route.holds && compile.map_fields) {
        fields.Add(ReadFieldAliases(documents[i].metadata, ignored));
      }
      routes.push_back(std::move(route));
    }
  }

  [[nodiscard]] bool Reaches(const sigma::LogSource& logsource) const {
    if (compile.logsource_map == nullptr) return true;
    const LogsourceKey wanted = KeyOf(logsource);
    const auto names_nothing = [](const std::string& part) { return part.empty(); };
    if (std::all_of(wanted.begin(), wanted.end(), names_nothing)) return true;
    return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
      return route.holds && Applies(wanted, route.key);
    });
  }

  [[nodiscard]] ExplainedRouting ExplainRouting(const sigma::LogSource& logsource) const {
    const LogsourceKey wanted = KeyOf(logsource);
    ExplainedRouting routing;
    routing.reaches = Reaches(logsource);
    std::set<std::string> names;
    for (const Route& route : routes) {
      if (route.holds) names.insert(NameOf(route.key));
      const bool fits = Applies(wanted, route.key);
      if (fits || (route.stated && route.holds)) {
        routing.routes.push_back(Describe(route, fits));
      }
    }
    routing.event_logsources.assign(names.begin(), names.end());
    return routing;
  }

  [[nodiscard]] ExplainedRoute Describe(const Route& route, bool fits) const {
    const auto& document = compile.logsource_map->rules.detections[route.document];
    // The map is asked before its names for fields count.
    return {document.metadata.title,
            document.metadata.location,
            route.key[0],
            route.key[1],
            route.key[2],
            route.holds,
            fits,
            Tree(document.detections, document.conditions, as_named)};
  }

  [[nodiscard]] std::vector<ExplainedNode> Tree(const Detections& detections,
                                                const std::vector<Condition>& conditions,
                                                const MappedFields& names) const {
    return TreeBuilder(detections, compile, options, event, names).Build(conditions);
  }

  [[nodiscard]] ExplainedFilter ExplainFilter(const sigma::FilterRule& filter) const {
    ExplainedFilter explained;
    explained.title = filter.metadata.title;
    explained.key = filter.metadata.key();
    explained.location = filter.metadata.location;
    std::vector<sigma::Diagnostic> ignored;
    const auto meaning = LowerScope(filter.detections, compile, ignored).Run(filter.conditions);
    explained.holds = meaning && EvaluateNaively(*meaning, event, fields);
    explained.lets_pass = (rules.filter_mode == sigma::FilterMode::kSuppress) != explained.holds;
    explained.conditions = Tree(filter.detections, filter.conditions, fields);
    return explained;
  }

  [[nodiscard]] Result<Explanation> Explain(RuleIndex index) const {
    if (index >= rules.rules.detections.size()) return Error(InvalidArgument("no such rule"));
    const sigma::DetectionRule& rule = rules.rules.detections[index];
    std::vector<sigma::Diagnostic> problems;
    const auto meaning = Lower(rules, index, compile, problems);
    if (!meaning) {
      return Error(InvalidArgument(problems.empty() ? "the rule cannot be evaluated"
                                                    : problems.front().ToString()));
    }
    Explanation explanation;
    explanation.holds = EvaluateNaively(*meaning, event, fields);
    explanation.matches = explanation.holds && Reaches(rule.logsource);
    if (compile.logsource_map != nullptr) explanation.routing = ExplainRouting(rule.logsource);
    explanation.conditions = Tree(rule.detections, rule.conditions, fields);
    if (index < rules.filters_of.size()) {
      for (const std::uint32_t filter : rules.filters_of[index]) {
        explanation.filters.push_back(ExplainFilter(rules.rules.filters[filter]));
      }
    }
    return explanation;
  }

  const sigma::LinkedRules& rules;
  const event::Event& event;
  const CompileOptions compile;
  const ExplainOptions options;
  std::vector<Route> routes;
  MappedFields fields;
  const MappedFields as_named;
};

Explainer::Explainer(const sigma::LinkedRules& rules, const event::Event& event,
                     CompileOptions options, const ExplainOptions& explain_options)
    : impl_(std::make_unique<Impl>(rules, event, std::move(options), explain_options)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

Result<Explanation> Explainer::Explain(RuleIndex rule) const { return impl_->Explain(rule); }

bool Explainer::Reaches(RuleIndex rule) const {
  return rule < impl_->rules.rules.detections.size() &&
         impl_->Reaches(impl_->rules.rules.detections[rule].logsource);
}

}  // namespace auditflow::match
