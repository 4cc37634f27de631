#include "auditflow/match/rule_set.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "src/match/atom_class.hpp"
#include "src/match/case_fold.hpp"
#include "src/match/compiled_rules.hpp"
#include "src/match/formula.hpp"
#include "src/match/rule_set_bounds.hpp"
#include "src/match/trigger_selection.hpp"

namespace auditflow::match {
namespace {

/// Takes rules one after the other through lowering, interning and the choice of triggers; then
/// builds what all of them share.
class Compiler {
 public:
  explicit Compiler(const CompileOptions& options) : options_(options) {}

  void AddRules(const sigma::LinkedRules& rules, CompileResult& result) {
    const std::size_t count = rules.rules.detections.size();
    for (RuleIndex rule = 0; rule < count; ++rule) {
      result.compiled.push_back(AddRule(rules, rule, result.diagnostics));
    }
    if (options_.logsource_map && options_.map_fields) AddCorrelations(rules);
  }

  /// The indices are those of the rules that could be compiled.
  void NumberAnew() { std::iota(indices_.begin(), indices_.end(), RuleIndex{0}); }

  std::unique_ptr<const CompiledRules> Finish(std::vector<sigma::Diagnostic>& diagnostics) && {
    if (options_.logsource_map) AddRoutes(*options_.logsource_map, diagnostics);
    result_.lazy = LazyTests(result_.atoms, result_.fields);
    CountLiterals();
    BuildPartitions();
    if (options_.logsource_map) BuildRouter();
    return std::make_unique<const CompiledRules>(std::move(result_));
  }

 private:
  struct Compiled {
    std::vector<Formula> formulas;
    std::vector<std::optional<std::vector<AtomId>>> triggers;

    [[nodiscard]] RulePlan Plan(RuleSlot slot) const {
      return {slot, &formulas[slot], &triggers[slot]};
    }
    [[nodiscard]] std::vector<RulePlan> Plans() const {
      std::vector<RulePlan> plans;
      for (RuleSlot slot = 0; slot < formulas.size(); ++slot) plans.push_back(Plan(slot));
      return plans;
    }
  };

  bool AddRule(const sigma::LinkedRules& rules, RuleIndex rule,
               std::vector<sigma::Diagnostic>& diagnostics) {
    const sigma::LogSource& logsource = rules.rules.detections[rule].logsource;
    const LogsourceKey key = options_.logsource_map ? KeyOf(logsource) : LogsourceKey();
    const bool admitted = partitions_.contains(key) ||
                          bounds_.AdmitLogsource(partitions_.size(), logsource, diagnostics);
    if (!admitted || !Add(bounds_.Take(rules, rule, diagnostics), rules_)) return false;
    indices_.push_back(rule);
    partition_of_.push_back(PartitionOf(key));
    return true;
  }

  /// Correlations read fields under the names of the map, too.
  void AddCorrelations(const sigma::LinkedRules& rules) {
    for (const sigma::CorrelationRule& correlation : rules.rules.correlations) {
      for (const std::string& field : correlation.group_by) result_.fields.Add(field);
      for (const std::string& field : correlation.condition_fields) result_.fields.Add(field);
      for (const sigma::CorrelationAlias& alias : correlation.aliases) {
        for (const auto& [rule, field] : alias.field_by_rule) result_.fields.Add(field);
      }
    }
  }

  /// A document of the logsource map.
  void AddRoute(const sigma::LinkedRules& map, RuleIndex document,
                std::vector<sigma::Diagnostic>& diagnostics) {
    const sigma::DetectionRule& rule = map.rules.detections[document];
    const std::optional<Expression> expression = route_bounds_.Take(map, document, diagnostics);
    std::vector<sigma::FieldAlias> aliases = sigma::ReadFieldAliases(rule.metadata, diagnostics);
    if (aliases.empty() && !MayLeadToRules(KeyOf(rule.logsource))) return;
    if (!Add(expression, routes_)) return;
    destinations_.push_back(&rule.logsource);
    aliases_.push_back(std::move(aliases));
  }

  /// Whether there are rules for the logsource; what an event states itself may be any.
  [[nodiscard]] bool MayLeadToRules(const LogsourceKey& logsource) const {
    return std::any_of(logsource.begin(), logsource.end(),
                       [](const std::string& part) { return StatedField(part).has_value(); }) ||
           std::any_of(logsources_.begin(), logsources_.end(),
                       [&](const LogsourceKey& rules) { return Applies(rules, logsource); });
  }

  /// An event without a logsource is still asked by rules that name no part of one.
  void AddRouteToEverything() {
    static const sigma::LogSource kAnything;
    const LogsourceKey no_parts;
    if (!partitions_.contains(no_parts)) return;
    routes_.formulas.push_back({Expression::Kind::kAnd, 0, {}});
    routes_.triggers.emplace_back(std::nullopt);
    destinations_.push_back(&kAnything);
    aliases_.emplace_back();
  }

  void AddRoutes(const sigma::LinkedRules& map, std::vector<sigma::Diagnostic>& diagnostics) {
    const std::size_t documents = map.rules.detections.size();
    for (RuleIndex document = 0; document < documents; ++document) {
      AddRoute(map, document, diagnostics);
    }
    AddRouteToEverything();
  }

  bool Add(const std::optional<Expression>& expression, Compiled& out) {
    if (!expression) return false;
    out.formulas.push_back(builder_.Build(*expression));
    out.triggers.push_back(SelectTriggers(out.formulas.back(), result_.atoms));
    return true;
  }

  /// Rules of one logsource share a partition; without a map all do.
  std::uint32_t PartitionOf(const LogsourceKey& key) {
    const auto next = static_cast<std::uint32_t>(logsources_.size());
    const auto [known, is_new] = partitions_.try_emplace(key, next);
    if (is_new) logsources_.push_back(key);
    return known->second;
  }

  void BuildPartitions() {
    std::vector<std::vector<RulePlan>> plans(logsources_.size());
    for (RuleSlot slot = 0; slot < indices_.size(); ++slot) {
      const std::uint32_t program = result_.programs.Add(rules_.formulas[slot], result_.lazy);
      result_.rules.push_back({indices_[slot], program, partition_of_[slot]});
      plans[partition_of_[slot]].push_back(rules_.Plan(slot));
    }
    for (const std::vector<RulePlan>& rules : plans) {
      result_.partitions.emplace_back(rules, result_.atoms, counts_, result_.fields);
    }
  }

  void CountLiterals() {
    for (AtomId atom = 0; atom < result_.atoms.size(); ++atom) {
      const auto* match = std::get_if<MatchesPattern>(&result_.atoms[atom].test);
      if (match != nullptr && !IsLazy(*match)) counts_.Add(Folded(TextOf(match->pattern)));
    }
  }

  void BuildRouter() {
    auto router = std::make_unique<Router>(logsources_);
    for (RuleSlot slot = 0; slot < destinations_.size(); ++slot) {
      const std::uint32_t program = result_.programs.Add(routes_.formulas[slot], result_.lazy);
      router->Add(*destinations_[slot], program, result_.fields);
    }
    const std::vector<RulePlan> plans = routes_.Plans();
    result_.routing =
        std::make_unique<const Partition>(plans, result_.atoms, counts_, result_.fields);
    result_.router = std::move(router);
    if (options_.map_fields) BuildMapper();
  }

  void BuildMapper() {
    result_.mapper = FieldMapper(result_.fields.size());
    for (std::uint32_t route = 0; route < aliases_.size(); ++route) {
      result_.mapper.Add(route, aliases_[route], result_.fields);
    }
  }

  const CompileOptions& options_;
  RuleSetBounds bounds_{options_};
  RuleSetBounds route_bounds_{options_};
  CompiledRules result_;
  LiteralCounts counts_;
  FormulaBuilder builder_{result_.atoms};
  Compiled rules_;
  std::vector<RuleIndex> indices_;           ///< by slot
  std::vector<std::uint32_t> partition_of_;  ///< by slot
  std::vector<LogsourceKey> logsources_;     ///< by partition
  std::map<LogsourceKey, std::uint32_t> partitions_;
  Compiled routes_;
  std::vector<const sigma::LogSource*> destinations_;  ///< by route
  std::vector<std::vector<FieldAlias>> aliases_;       ///< by route
};

}  // namespace

RuleSet::RuleSet(std::unique_ptr<const CompiledRules> rules) : rules_(std::move(rules)) {}
RuleSet::~RuleSet() = default;

CompileResult RuleSet::Compile(const sigma::LinkedRules& rules, const CompileOptions& options) {
  CompileResult result;
  Compiler compiler(options);
  compiler.AddRules(rules, result);
  result.rule_set =
      std::shared_ptr<const RuleSet>(new RuleSet(std::move(compiler).Finish(result.diagnostics)));
  return result;
}

CompileResult RuleSet::CompileAndPrune(sigma::LinkedRules& rules, const CompileOptions& options) {
  CompileResult result;
  Compiler compiler(options);
  compiler.AddRules(rules, result);
  if (std::find(result.compiled.begin(), result.compiled.end(), false) != result.compiled.end()) {
    std::vector<sigma::Diagnostic> pruned = sigma::Prune(rules, result.compiled);
    std::move(pruned.begin(), pruned.end(), std::back_inserter(result.diagnostics));
    compiler.NumberAnew();
  }
  result.rule_set =
      std::shared_ptr<const RuleSet>(new RuleSet(std::move(compiler).Finish(result.diagnostics)));
  return result;
}

std::size_t RuleSet::rule_count() const { return rules_->rules.size(); }

RuleSet::Statistics RuleSet::statistics() const {
  return {rules_->rules.size(), rules_->fields.size(), rules_->atoms.size(), rules_->lazy.size()};
}

}  // namespace auditflow::match
