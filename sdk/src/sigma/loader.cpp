#include "auditflow/sigma/loader.hpp"

#include <iterator>
#include <memory>
#include <utility>

#include "auditflow/sigma/yaml.hpp"

#include "src/sigma/action_documents.hpp"
#include "src/sigma/documents.hpp"
#include "src/sigma/fields.hpp"
#include "src/sigma/reporter.hpp"
#include "src/sigma/rule_files.hpp"

namespace auditflow::sigma {
namespace {

void LoadMap(Node& document, const LoadLimits& limits, Reporter& reporter, RuleCollection& rules) {
  const bool correlation = document.Find("correlation") != nullptr;
  const bool filter = document.Find("filter") != nullptr;
  const bool detection = document.Find("detection") != nullptr;
  if (int{correlation} + int{filter} + int{detection} > 1) {
    return reporter.Invalid(document.location, "mixed-document",
                            "a document holds one of 'detection', 'correlation' and 'filter'; "
                            "separate documents with a line '---'");
  }
  if (correlation) {
    auto rule = ReadCorrelationRule(document, limits.max_depth, reporter);
    if (rule) rules.correlations.push_back(*std::move(rule));
  } else if (filter) {
    auto rule = ReadFilterRule(document, limits.max_depth, reporter);
    if (rule) rules.filters.push_back(*std::move(rule));
  } else {
    auto rule = ReadDetectionRule(document, limits.max_depth, reporter);
    if (rule) rules.detections.push_back(*std::move(rule));
  }
}

void LoadDocument(Node& document, const LoadLimits& limits, LoadResult& result) {
  Reporter reporter(result.diagnostics, limits.max_diagnostics);
  if (document.kind == Node::Kind::kNull) {
    reporter.Warn(document.location, "empty-document", "this document is empty");
  } else if (document.kind != Node::Kind::kMap) {
    WrongType(document, "a Sigma document", "a map with title, logsource and detection", reporter);
  } else {
    LoadMap(document, limits, reporter, result.rules);
  }
}

void LoadInto(std::string_view text, std::string file_name, const LoadLimits& limits,
              LoadResult& result) {
  std::vector<Diagnostic> diagnostics = std::exchange(result.diagnostics, {});
  YamlResult yaml = LoadYaml(text, std::move(file_name), limits);
  result.diagnostics = std::move(yaml.diagnostics);
  std::vector<Node> documents = ApplyActions(std::move(yaml.documents), limits, result.diagnostics);
  ++result.files;
  result.documents += documents.size() + yaml.faulty_documents;
  for (Node& document : documents) LoadDocument(document, limits, result);
  SortByLocation(result.diagnostics);
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(result.diagnostics.begin()),
                     std::make_move_iterator(result.diagnostics.end()));
  result.diagnostics = std::move(diagnostics);
}

}  // namespace

LoadResult LoadText(std::string_view text, std::string file_name, const LoadLimits& limits) {
  LoadResult result;
  LoadInto(text, std::move(file_name), limits, result);
  return result;
}

namespace {

LoadResult LoadFiles(const std::vector<std::filesystem::path>& paths, RuleFileKind kind,
                     const LoadLimits& limits) {
  LoadResult result;
  for (const std::filesystem::path& path :
       FindRuleFiles(paths, kind, limits.max_files, result.diagnostics)) {
    std::string text;
    if (ReadRuleFile(path, limits.max_file_bytes, text, result.diagnostics)) {
      LoadInto(text, path.string(), limits, result);
    } else {
      ++result.documents;
    }
  }
  return result;
}

}  // namespace

LoadResult LoadPaths(const std::vector<std::filesystem::path>& paths, const LoadLimits& limits) {
  return LoadFiles(paths, RuleFileKind::kRule, limits);
}

LoadResult LoadLogsourceMaps(const std::vector<std::filesystem::path>& paths,
                             const LoadLimits& limits) {
  return LoadFiles(paths, RuleFileKind::kLogsourceMap, limits);
}

}  // namespace auditflow::sigma
