#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/sigma/limits.hpp"
#include "auditflow/sigma/node.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::pipeline {

/// A rule test file as data, checked for form.
struct RuleTestFile {
  struct Case {
    std::string name;
    sigma::SourceLocation location;
    std::vector<sigma::Node> events;  ///< maps
    std::vector<sigma::Node> alerts;  ///< maps
  };
  std::vector<std::filesystem::path> rules;
  std::vector<Case> cases;
  std::vector<sigma::Diagnostic> diagnostics;
};

RuleTestFile ReadRuleTestFile(std::string_view text, const std::filesystem::path& file,
                              const sigma::LoadLimits& limits);

}  // namespace auditflow::pipeline
