#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::pipeline {

/// One place in which the alerts of a case are not what its test file says.
struct RuleTestDifference {
  enum class Kind : std::uint8_t {
    kMember,      ///< the alert has another value at `path`
    kMissing,     ///< an alert is expected that does not come
    kUnexpected,  ///< an alert comes that is not expected
    kEvent,       ///< `actual` says why the event at `position` could not be used
  };
  Kind kind = Kind::kMember;
  std::size_t position = 0;        ///< 0-based, among the case's alerts or events
  sigma::SourceLocation location;  ///< of the expectation, else of the case
  std::string path;                ///< kMember: as the test file writes it
  std::string expected;            ///< JSON; kMissing: the whole expectation
  std::string actual;  ///< JSON; empty if there is no such member; kUnexpected: rule and trigger
};

struct RuleTestCase {
  std::string name;
  sigma::SourceLocation location;
  std::size_t events = 0;
  std::size_t alerts = 0;  ///< that came
  std::vector<RuleTestDifference> differences;

  [[nodiscard]] bool passed() const { return differences.empty(); }
};

struct RuleTestReport {
  std::vector<RuleTestCase> cases;
  /// Faults of the test file or of the rules that it names. With an error no case was run.
  std::vector<sigma::Diagnostic> diagnostics;

  [[nodiscard]] std::size_t passed() const;
  [[nodiscard]] std::size_t failed() const;
  /// Every case passed and nothing was wrong with the files.
  [[nodiscard]] bool ok() const;
};

/// Runs a rule test file: the YAML map
///
///     rules: [x.yml]      # relative to the test file
///     cases:
///       - name: unique in the file
///         events: [ {…} ] # in order of arrival
///         alerts:         # exactly these, in this order
///           - rule_id: X  # analysis_rule.rule_id; other keys are dotted paths into the alert
///
/// Each case starts with empty windows and waits for no late events. Values compare as JSON:
/// 1 equals 1.0, "1" does not.
///
/// Never throws. Thread safety: reentrant.
RuleTestReport RunRuleTest(const std::filesystem::path& file,
                           const RulePackageOptions& options = {});
/// The same with the test file's text at hand; `file` names it and is where `rules` are looked for.
RuleTestReport RunRuleTestText(std::string_view text, const std::filesystem::path& file,
                               const RulePackageOptions& options = {});

struct RuleTestFiles {
  std::vector<std::filesystem::path> files;
  std::vector<sigma::Diagnostic> diagnostics;  ///< paths that cannot be read
};

/// Files as they are given, and every *.test.yml and *.test.yaml below folders in the order of
/// their paths, hidden ones left out.
RuleTestFiles FindRuleTests(const std::vector<std::filesystem::path>& paths);

}  // namespace auditflow::pipeline
