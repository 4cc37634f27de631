#include "auditflow/pipeline/rule_test.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/yaml.hpp"

#include "src/pipeline/alert_expectation.hpp"
#include "src/pipeline/rule_test_file.hpp"

namespace auditflow::pipeline {
namespace {

using Kind = RuleTestDifference::Kind;

/// Event time only: neither the day on which a test runs nor late events play a part.
DetectorOptions OptionsForTests() {
  DetectorOptions options;
  options.correlation.limits.max_future_skew = Duration{0};
  return options;
}

/// Runs one case after the other over the same rules.
class CaseRunner {
 public:
  explicit CaseRunner(std::shared_ptr<const RulePackage> rules) : rules_(std::move(rules)) {}

  RuleTestCase Run(const RuleTestFile::Case& test) {
    RuleTestCase result{test.name, test.location, test.events.size(), 0, {}};
    const auto unusable = [&result](std::size_t position, const sigma::SourceLocation& location,
                                    const Status& status) {
      if (status.ok()) return;
      result.differences.push_back({Kind::kEvent, position, location, "", "", status.message()});
    };
    auto detector = Detector::Create(rules_, OptionsForTests(), clock_);
    if (!detector) {
      unusable(0, test.location, detector.error());
      return result;
    }
    std::vector<alert::Alert> alerts;
    for (std::size_t i = 0; i < test.events.size(); ++i) {
      unusable(i, test.events[i].location, Feed(**detector, test.events[i], alerts));
    }
    unusable(test.events.size(), test.location, Take((*detector)->Flush(), alerts));
    result.alerts = alerts.size();
    CompareAlerts(test.alerts, alerts, test.location, result.differences);
    return result;
  }

 private:
  static Status Take(Result<std::vector<DetectedAlert>> detected,
                     std::vector<alert::Alert>& alerts) {
    if (!detected) return detected.error();
    for (DetectedAlert& one : *detected) alerts.push_back(std::move(one.alert));
    return {};
  }

  Status Feed(Detector& detector, const sigma::Node& node, std::vector<alert::Alert>& alerts) {
    std::string json;
    sigma::AppendJson(node, json);
    if (Status status = parser_.ParseInto(json, event_); !status.ok()) return status;
    const DetectorInput input{&event_, event::IdentityOf(event_)};
    if (input.identity.time) clock_.SetNow(*input.identity.time);
    return Take(detector.Detect({&input, 1}), alerts);
  }

  std::shared_ptr<const RulePackage> rules_;
  ManualClock clock_;
  event::EventParser parser_;
  event::Event event_;
};

bool IsRuleTest(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return !name.starts_with('.') && (name.ends_with(".test.yml") || name.ends_with(".test.yaml"));
}

sigma::Diagnostic Unreadable(const std::filesystem::path& path, const std::string& reason) {
  return {sigma::DiagnosticKind::kInvalid,
          {std::make_shared<const std::string>(path.string()), 0, 0},
          "unreadable",
          reason};
}

void FindBelow(const std::filesystem::path& folder, RuleTestFiles& found) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> files;
  fs::recursive_directory_iterator at(folder, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    std::error_code ignored;
    if (hidden && at->is_directory(ignored)) at.disable_recursion_pending();
    if (IsRuleTest(at->path()) && at->is_regular_file(ignored)) files.push_back(at->path());
  }
  if (error) found.diagnostics.push_back(Unreadable(folder, error.message()));
  std::sort(files.begin(), files.end());
  found.files.insert(found.files.end(), files.begin(), files.end());
}

}  // namespace

std::size_t RuleTestReport::passed() const {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(), [](const RuleTestCase& test) { return test.passed(); }));
}

std::size_t RuleTestReport::failed() const { return cases.size() - passed(); }

bool RuleTestReport::ok() const { return failed() == 0 && !sigma::HasErrors(diagnostics); }

RuleTestReport RunRuleTestText(std::string_view text, const std::filesystem::path& file,
                               const RulePackageOptions& options) {
  RuleTestFile test = ReadRuleTestFile(text, file, options.limits);
  RuleTestReport report;
  report.diagnostics = std::move(test.diagnostics);
  if (sigma::HasErrors(report.diagnostics)) return report;
  const std::shared_ptr<const RulePackage> rules = LoadRulePackage(test.rules, options);
  report.diagnostics.insert(report.diagnostics.end(), rules->diagnostics.begin(),
                            rules->diagnostics.end());
  if (sigma::HasErrors(report.diagnostics)) return report;
  CaseRunner runner(rules);
  for (const RuleTestFile::Case& one : test.cases) report.cases.push_back(runner.Run(one));
  return report;
}

RuleTestReport RunRuleTest(const std::filesystem::path& file, const RulePackageOptions& options) {
  RuleTestReport report;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) {
    report.diagnostics.push_back(Unreadable(file, error.message()));
    return report;
  }
  if (size > options.limits.max_file_bytes) {
    report.diagnostics.push_back(Unreadable(file, "the file is too large"));
    return report;
  }
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return RunRuleTestText(text, file, options);
}

RuleTestFiles FindRuleTests(const std::vector<std::filesystem::path>& paths) {
  RuleTestFiles found;
  for (const std::filesystem::path& path : paths) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
      found.diagnostics.push_back(Unreadable(path, error ? error.message() : "no such file"));
    } else if (std::filesystem::is_directory(status)) {
      FindBelow(path, found);
    } else {
      found.files.push_back(path);
    }
  }
  return found;
}

}  // namespace auditflow::pipeline
