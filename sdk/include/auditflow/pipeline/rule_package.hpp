#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/pipeline/code_rule.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::pipeline {

struct RulePackageOptions {
  sigma::LoadLimits limits;
  sigma::LinkOptions link;
  match::CompileOptions compile;
  /// Files, and folders of *.logsource.yml, that say which events belong to which logsource; they
  /// replace `compile.logsource_map`. If none of their documents can be used, that is an error and
  /// the rules are asked of every event.
  std::vector<std::filesystem::path> logsource_maps;
  /// Files, and folders of *.logsource.yml, with taxonomies that rules may be written in
  /// (`sigma::Taxonomies::Add`); they replace `link.taxonomies`. With or without routing.
  std::vector<std::filesystem::path> taxonomies;
  /// Rules as code beside those of the files. They come first among the detections.
  std::vector<CodeRule> code_rules;
};

/// Rule files made ready for detection: linked, compiled, and each rule's alert prepared.
///
/// A document with an error is left out, and so is what depends on it; everything else is used.
/// Thread safety: immutable once built.
struct RulePackage {
  std::shared_ptr<const sigma::LinkedRules> rules;
  /// Of `rules`' detections; a rule as code needs a `match::CodeRunner`, too.
  std::shared_ptr<const match::RuleSet> rule_set;
  /// What `rule_set` was compiled with, the logsource map included; for `match::Explainer`.
  match::CompileOptions compile;
  std::vector<alert::AlertTemplate> detection_alerts;    ///< by detection
  std::vector<alert::AlertTemplate> correlation_alerts;  ///< by correlation
  /// What loading, linking and compiling had to say, by file and line.
  std::vector<sigma::Diagnostic> diagnostics;
  std::size_t files = 0;
  std::size_t documents = 0;
  /// With a logsource map: how many detections have a logsource that it leads to. The others match
  /// no event, or only events that state their logsource themselves. Nothing: no routing.
  std::optional<std::size_t> routed_detections;

  /// Detections and correlations in use.
  [[nodiscard]] std::size_t rule_count() const {
    return detection_alerts.size() + correlation_alerts.size();
  }
};

/// Builds a package from what `sigma::LoadPaths` or `sigma::LoadText` read. Never null.
std::shared_ptr<const RulePackage> BuildRulePackage(sigma::LoadResult loaded,
                                                    const RulePackageOptions& options = {});

/// The same from files and folders.
std::shared_ptr<const RulePackage> LoadRulePackage(const std::vector<std::filesystem::path>& paths,
                                                   const RulePackageOptions& options = {});

}  // namespace auditflow::pipeline
