#include "auditflow/pipeline/rule_package.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "src/pipeline/code_rules.hpp"
#include "src/pipeline/logsource_coverage.hpp"
#include "src/pipeline/template_reader.hpp"

namespace auditflow::pipeline {
namespace {

using sigma::Diagnostic;

void Append(std::vector<Diagnostic>& to, std::vector<Diagnostic> from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

void SortByPlace(std::vector<Diagnostic>& diagnostics) {
  const auto place = [](const Diagnostic& d) {
    static const std::string kNoFile;
    return std::tie(d.location.file ? *d.location.file : kNoFile, d.location.line,
                    d.location.column);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
}

/// Removes the documents of one kind whose `auditflow:` block is invalid.
template <class Document>
void DropInvalidTemplates(std::vector<Document>& documents, std::vector<Diagnostic>& diagnostics) {
  std::erase_if(documents, [&](const Document& document) {
    std::vector<Diagnostic> found;
    ReadAlertTemplate(document.metadata, found);
    const bool invalid = sigma::HasErrors(found);
    Append(diagnostics, std::move(found));
    return invalid;
  });
}

template <class Document>
std::vector<alert::AlertTemplate> TemplatesOf(const std::vector<Document>& documents) {
  std::vector<alert::AlertTemplate> templates;
  templates.reserve(documents.size());
  std::vector<Diagnostic> reported_before;
  for (const Document& document : documents) {
    templates.push_back(ReadAlertTemplate(document.metadata, reported_before));
  }
  return templates;
}

/// A logsource map is made of detections alone.
template <class Document>
void ReportNoDetections(const std::vector<Document>& documents,
                        std::vector<Diagnostic>& diagnostics) {
  for (const Document& document : documents) {
    diagnostics.push_back({sigma::DiagnosticKind::kInvalid, document.metadata.location,
                           "not-a-detection", "a logsource map holds detections only"});
  }
}

/// Null, and an error, if there is no document that can be used.
std::shared_ptr<const sigma::LinkedRules> LoadMap(const RulePackageOptions& options,
                                                  std::vector<Diagnostic>& diagnostics) {
  sigma::LoadResult loaded = sigma::LoadLogsourceMaps(options.logsource_maps, options.limits);
  Append(diagnostics, std::move(loaded.diagnostics));
  ReportNoDetections(loaded.rules.correlations, diagnostics);
  ReportNoDetections(loaded.rules.filters, diagnostics);
  sigma::RuleCollection documents;
  documents.detections = std::move(loaded.rules.detections);
  sigma::LinkResult link = sigma::Link(std::move(documents));
  Append(diagnostics, std::move(link.diagnostics));
  if (!link.linked.rules.detections.empty()) {
    return std::make_shared<const sigma::LinkedRules>(std::move(link.linked));
  }
  sigma::SourceLocation place;
  place.file = std::make_shared<const std::string>(options.logsource_maps.front().string());
  diagnostics.push_back({sigma::DiagnosticKind::kInvalid, std::move(place), "no-logsource-map",
                         "no document of a logsource map here can be used; every rule is asked of "
                         "every event"});
  return nullptr;
}

/// What the files say of fields and events is reported where they are used as a logsource map.
std::shared_ptr<const sigma::Taxonomies> LoadTaxonomies(const RulePackageOptions& options,
                                                        std::vector<Diagnostic>& diagnostics) {
  sigma::LoadResult loaded = sigma::LoadLogsourceMaps(options.taxonomies, options.limits);
  const bool routed = options.taxonomies == options.logsource_maps;
  if (!routed) Append(diagnostics, std::move(loaded.diagnostics));
  auto taxonomies = std::make_shared<sigma::Taxonomies>();
  taxonomies->Add(loaded.rules.detections, diagnostics);
  return taxonomies;
}

}  // namespace

std::shared_ptr<const RulePackage> BuildRulePackage(sigma::LoadResult loaded,
                                                    const RulePackageOptions& options) {
  auto package = std::make_shared<RulePackage>();
  package->files = loaded.files;
  package->documents = loaded.documents;
  package->diagnostics = std::move(loaded.diagnostics);
  AddCodeRules(options.code_rules, loaded.rules.detections, package->diagnostics);
  DropInvalidTemplates(loaded.rules.detections, package->diagnostics);
  DropInvalidTemplates(loaded.rules.correlations, package->diagnostics);

  match::CompileOptions compile = options.compile;
  if (!options.logsource_maps.empty()) {
    compile.logsource_map = LoadMap(options, package->diagnostics);
  }
  sigma::LinkOptions link = options.link;
  if (!options.taxonomies.empty()) link.taxonomies = LoadTaxonomies(options, package->diagnostics);
  sigma::LinkResult built = sigma::Link(std::move(loaded.rules), link);
  Append(package->diagnostics, std::move(built.diagnostics));
  match::CompileResult compiled = match::RuleSet::CompileAndPrune(built.linked, compile);
  Append(package->diagnostics, std::move(compiled.diagnostics));
  if (compile.logsource_map) {
    LogsourceCoverage coverage =
        CoverageOf(compile.logsource_map->rules.detections, built.linked.rules.detections);
    package->routed_detections = coverage.covered;
    Append(package->diagnostics, std::move(coverage.diagnostics));
  }
  SortByPlace(package->diagnostics);
  package->compile = std::move(compile);

  package->rules = std::make_shared<const sigma::LinkedRules>(std::move(built.linked));
  package->rule_set = std::move(compiled.rule_set);
  package->detection_alerts = TemplatesOf(package->rules->rules.detections);
  for (std::size_t i = 0; i < package->detection_alerts.size(); ++i) {
    const auto* own = OwnAlert(package->rules->rules.detections[i], options.code_rules);
    if (own != nullptr) package->detection_alerts[i] = *own;
  }
  package->correlation_alerts = TemplatesOf(package->rules->rules.correlations);
  return package;
}

std::shared_ptr<const RulePackage> LoadRulePackage(const std::vector<std::filesystem::path>& paths,
                                                   const RulePackageOptions& options) {
  return BuildRulePackage(sigma::LoadPaths(paths, options.limits), options);
}

}  // namespace auditflow::pipeline
