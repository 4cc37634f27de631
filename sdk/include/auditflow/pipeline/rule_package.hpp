#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::pipeline {

struct RulePackageOptions {
  sigma::LoadLimits limits;
  sigma::LinkOptions link;
  match::CompileOptions compile;
};

/// Rule files made ready for detection: linked, compiled, and each rule's alert prepared.
///
/// A document with an error is left out, and so is what depends on it; everything else is used.
/// Thread safety: immutable once built.
struct RulePackage {
  std::shared_ptr<const sigma::LinkedRules> rules;
  std::shared_ptr<const match::RuleSet> rule_set;        ///< of `rules`' detections
  std::vector<alert::AlertTemplate> detection_alerts;    ///< by detection
  std::vector<alert::AlertTemplate> correlation_alerts;  ///< by correlation
  /// What loading, linking and compiling had to say, by file and line.
  std::vector<sigma::Diagnostic> diagnostics;
  std::size_t files = 0;
  std::size_t documents = 0;

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
