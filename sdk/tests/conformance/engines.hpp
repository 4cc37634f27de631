#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"

#include "src/match/expression.hpp"

/// Whatever answers detection rules behind one interface, so that what is checked is checked of
/// each: the two evaluators, and the explanations of rules.
namespace auditflow::conformance {

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The detection rules that match, ascending.
  virtual std::vector<match::RuleIndex> Match(const event::Event& event) = 0;
  /// Why rules were left out, and what else there is to say about them.
  [[nodiscard]] virtual const std::vector<sigma::Diagnostic>& diagnostics() const = 0;
};

/// match::RuleSet and match::Matcher.
class CompiledEngine final : public Engine {
 public:
  CompiledEngine(const sigma::LinkedRules& rules, const match::CompileOptions& options);
  [[nodiscard]] std::string_view name() const override { return "compiled engine"; }
  std::vector<match::RuleIndex> Match(const event::Event& event) override;
  [[nodiscard]] const std::vector<sigma::Diagnostic>& diagnostics() const override {
    return result_.diagnostics;
  }

 private:
  match::CompileResult result_;
  match::Matcher matcher_;
};

/// Every rule's expression, asked one after the other.
class NaiveEngine final : public Engine {
 public:
  NaiveEngine(const sigma::LinkedRules& rules, const match::CompileOptions& options);
  [[nodiscard]] std::string_view name() const override { return "naive evaluator"; }
  std::vector<match::RuleIndex> Match(const event::Event& event) override;
  [[nodiscard]] const std::vector<sigma::Diagnostic>& diagnostics() const override {
    return diagnostics_;
  }

 private:
  std::vector<sigma::Diagnostic> diagnostics_;
  std::vector<std::optional<match::Expression>> expressions_;
};

/// The verdict of match::Explainer.
class ExplainingEngine final : public Engine {
 public:
  ExplainingEngine(const sigma::LinkedRules& rules, const match::CompileOptions& options);
  [[nodiscard]] std::string_view name() const override { return "explanation"; }
  std::vector<match::RuleIndex> Match(const event::Event& event) override;
  [[nodiscard]] const std::vector<sigma::Diagnostic>& diagnostics() const override {
    return naive_.diagnostics();
  }

 private:
  const sigma::LinkedRules& rules_;
  match::CompileOptions options_;
  NaiveEngine naive_;  ///< for what it has to say about the rules
};

std::vector<std::unique_ptr<Engine>> AllEngines(const sigma::LinkedRules& rules,
                                                const match::CompileOptions& options);

}  // namespace auditflow::conformance
