#include "src/pipeline/code_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "src/pipeline/template_reader.hpp"

namespace auditflow::pipeline {
namespace {

using sigma::Diagnostic;

/// A rule that was not read from a file stands at "rules as code:N:1" for the Nth.
sigma::SourceLocation PlaceOf(std::size_t number) {
  static const auto kFile = std::make_shared<const std::string>("rules as code");
  return {kFile, static_cast<std::uint32_t>(number), 1};
}

/// Why a rule cannot be used; empty if it can.
std::string FaultOf(const CodeRule& rule) {
  if (rule.document.metadata.title.empty()) return "a rule as code needs a title";
  if (!rule.document.code || !*rule.document.code) return "a rule as code needs its code";
  if (!rule.alert) return "";
  if (rule.alert->rule_id.empty()) return "alert: rule_id is empty";
  const Status status = alert::CheckTemplate(*rule.alert);
  return status.ok() ? "" : "alert: " + status.message();
}

sigma::DetectionRule DocumentOf(const CodeRule& rule, const sigma::SourceLocation& place) {
  sigma::DetectionRule document = rule.document;
  if (!document.metadata.location.file) document.metadata.location = place;
  if (!document.logsource.location.file) document.logsource.location = place;
  if (document.conditions.empty()) {
    sigma::Condition always;  // all of nothing holds
    always.kind = sigma::Condition::Kind::kAnd;
    always.location = place;
    document.conditions.push_back(std::move(always));
  }
  return document;
}

}  // namespace

std::shared_ptr<const sigma::RuleCode> MakeRuleCode(sigma::RuleCode code) {
  return std::make_shared<const sigma::RuleCode>(std::move(code));
}

alert::AlertTemplate AlertTemplateOf(const sigma::Metadata& metadata) {
  std::vector<Diagnostic> ignored;
  return ReadAlertTemplate(metadata, ignored);
}

void AddCodeRules(const std::vector<CodeRule>& code_rules,
                  std::vector<sigma::DetectionRule>& detections,
                  std::vector<Diagnostic>& diagnostics) {
  std::vector<sigma::DetectionRule> documents;
  for (std::size_t i = 0; i < code_rules.size(); ++i) {
    sigma::DetectionRule document = DocumentOf(code_rules[i], PlaceOf(i + 1));
    if (std::string fault = FaultOf(code_rules[i]); !fault.empty()) {
      diagnostics.push_back({sigma::DiagnosticKind::kInvalid, document.metadata.location,
                             "invalid-code-rule", std::move(fault)});
    } else {
      documents.push_back(std::move(document));
    }
  }
  detections.insert(detections.begin(), std::make_move_iterator(documents.begin()),
                    std::make_move_iterator(documents.end()));
}

const alert::AlertTemplate* OwnAlert(const sigma::DetectionRule& rule,
                                     const std::vector<CodeRule>& code_rules) {
  if (!rule.code) return nullptr;
  const auto found =
      std::find_if(code_rules.begin(), code_rules.end(), [&](const CodeRule& candidate) {
        return candidate.document.code == rule.code &&
               candidate.document.metadata.key() == rule.metadata.key();
      });
  return found != code_rules.end() && found->alert ? &*found->alert : nullptr;
}

}  // namespace auditflow::pipeline
