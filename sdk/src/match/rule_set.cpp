#include "auditflow/match/rule_set.hpp"

#include <optional>
#include <utility>

#include "src/match/compiled_rules.hpp"
#include "src/match/formula.hpp"
#include "src/match/lower.hpp"
#include "src/match/trigger_selection.hpp"

namespace auditflow::match {
namespace {

/// Takes rules one after the other through lowering, interning and the choice of triggers; then
/// builds what all of them share.
class Compiler {
 public:
  Compiler(const sigma::LinkedRules& rules, const CompileOptions& options)
      : rules_(rules), options_(options) {}

  bool Add(RuleIndex rule, std::vector<sigma::Diagnostic>& diagnostics) {
    const std::optional<Expression> expression = Lower(rules_, rule, options_, diagnostics);
    if (!expression) return false;
    indices_.push_back(rule);
    formulas_.push_back(builder_.Build(*expression));
    triggers_.push_back(SelectTriggers(formulas_.back(), result_.atoms));
    return true;
  }

  CompiledRules Finish() && {
    result_.lazy = LazyTests(result_.atoms, result_.fields);
    std::vector<RulePlan> plans;
    for (RuleSlot slot = 0; slot < indices_.size(); ++slot) {
      result_.rules.push_back(
          {indices_[slot], result_.programs.Add(formulas_[slot], result_.lazy)});
      plans.push_back({slot, &formulas_[slot], &triggers_[slot]});
    }
    result_.partitions.emplace_back(plans, result_.atoms, result_.fields);
    return std::move(result_);
  }

 private:
  const sigma::LinkedRules& rules_;
  const CompileOptions& options_;
  CompiledRules result_;
  FormulaBuilder builder_{result_.atoms};
  std::vector<RuleIndex> indices_;
  std::vector<Formula> formulas_;
  std::vector<std::optional<std::vector<AtomId>>> triggers_;
};

}  // namespace

RuleSet::RuleSet(std::unique_ptr<const CompiledRules> rules) : rules_(std::move(rules)) {}
RuleSet::~RuleSet() = default;

CompileResult RuleSet::Compile(const sigma::LinkedRules& rules, const CompileOptions& options) {
  CompileResult result;
  Compiler compiler(rules, options);
  const std::size_t count = rules.rules.detections.size();
  for (RuleIndex rule = 0; rule < count; ++rule) {
    result.compiled.push_back(compiler.Add(rule, result.diagnostics));
  }
  auto compiled = std::make_unique<const CompiledRules>(std::move(compiler).Finish());
  result.rule_set = std::shared_ptr<const RuleSet>(new RuleSet(std::move(compiled)));
  return result;
}

std::size_t RuleSet::rule_count() const { return rules_->rules.size(); }

RuleSet::Statistics RuleSet::statistics() const {
  return {rules_->rules.size(), rules_->fields.size(), rules_->atoms.size(), rules_->lazy.size()};
}

}  // namespace auditflow::match
