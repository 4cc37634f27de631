#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

#include "src/match/lower.hpp"
#include "src/match/naive_evaluator.hpp"

/// Rules as text, lowered and answered by the naive evaluator: what the tests of meaning share.
namespace auditflow::match {

class NaiveRules {
 public:
  explicit NaiveRules(sigma::LoadResult loaded, const CompileOptions& options = {},
                      const sigma::LinkOptions& link_options = {})
      : diagnostics_(std::move(loaded.diagnostics)) {
    sigma::LinkResult link = sigma::Link(std::move(loaded.rules), link_options);
    Take(std::move(link.diagnostics));
    linked_ = std::move(link.linked);
    for (RuleIndex rule = 0; rule < linked_.rules.detections.size(); ++rule) {
      expressions_.push_back(Lower(linked_, rule, options, diagnostics_));
    }
  }
  explicit NaiveRules(std::string_view yaml, const CompileOptions& options = {},
                      const sigma::LinkOptions& link_options = {})
      : NaiveRules(sigma::LoadText(yaml, "test.yml"), options, link_options) {}

  /// A rule with one search identifier, whose body is given in YAML's flow style.
  static NaiveRules OfSelection(const std::string& selection, const CompileOptions& options = {}) {
    return NaiveRules("title: Test\nlogsource: {category: test}\ndetection:\n  selection: " +
                          selection + "\n  condition: selection\n",
                      options);
  }

  [[nodiscard]] bool Matches(RuleIndex rule, const event::Event& event) const {
    return expressions_[rule] && EvaluateNaively(*expressions_[rule], event);
  }
  [[nodiscard]] bool Matches(std::string_view json) const {
    const auto event = event::EventParser().Parse(json);
    return event && !expressions_.empty() && Matches(0, *event);
  }

  /// Whether any rule was left out.
  [[nodiscard]] bool HasErrors() const { return sigma::HasErrors(diagnostics_); }
  [[nodiscard]] std::string Report() const {
    std::string report;
    for (const auto& diagnostic : diagnostics_) report += diagnostic.ToString() + "\n";
    return report;
  }
  /// The code of the first error; "" if there is none.
  [[nodiscard]] std::string FirstErrorCode() const {
    const auto error = std::find_if(diagnostics_.begin(), diagnostics_.end(), [](const auto& d) {
      return d.kind != sigma::DiagnosticKind::kWarning;
    });
    return error == diagnostics_.end() ? "" : error->code;
  }
  [[nodiscard]] const std::vector<sigma::Diagnostic>& diagnostics() const { return diagnostics_; }
  [[nodiscard]] const sigma::LinkedRules& linked() const { return linked_; }
  [[nodiscard]] const std::vector<std::optional<Expression>>& expressions() const {
    return expressions_;
  }

 private:
  void Take(std::vector<sigma::Diagnostic> more) {
    std::move(more.begin(), more.end(), std::back_inserter(diagnostics_));
  }

  std::vector<sigma::Diagnostic> diagnostics_;
  sigma::LinkedRules linked_;
  std::vector<std::optional<Expression>> expressions_;
};

}  // namespace auditflow::match
