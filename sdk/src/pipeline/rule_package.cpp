#include "auditflow/pipeline/rule_package.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

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
  std::vector<Diagnostic> reported_before;
  for (const Document& document : documents) {
    templates.push_back(ReadAlertTemplate(document.metadata, reported_before));
  }
  return templates;
}

/// The collection without the detections that could not be compiled.
sigma::RuleCollection Without(sigma::RuleCollection rules, const std::vector<bool>& compiled) {
  std::vector<sigma::DetectionRule> kept;
  for (std::size_t i = 0; i < rules.detections.size(); ++i) {
    if (compiled[i]) kept.push_back(std::move(rules.detections[i]));
  }
  rules.detections = std::move(kept);
  return rules;
}

struct Built {
  sigma::LinkedRules linked;
  match::CompileResult compiled;
  std::vector<Diagnostic> diagnostics;
};

Built LinkAndCompile(sigma::RuleCollection rules, const RulePackageOptions& options) {
  Built built;
  sigma::LinkResult link = sigma::Link(std::move(rules), options.link);
  built.linked = std::move(link.linked);
  built.diagnostics = std::move(link.diagnostics);
  built.compiled = match::RuleSet::Compile(built.linked, options.compile);
  return built;
}

}  // namespace

std::shared_ptr<const RulePackage> BuildRulePackage(sigma::LoadResult loaded,
                                                    const RulePackageOptions& options) {
  auto package = std::make_shared<RulePackage>();
  package->files = loaded.files;
  package->documents = loaded.documents;
  package->diagnostics = std::move(loaded.diagnostics);
  DropInvalidTemplates(loaded.rules.detections, package->diagnostics);
  DropInvalidTemplates(loaded.rules.correlations, package->diagnostics);

  Built built = LinkAndCompile(std::move(loaded.rules), options);
  Append(package->diagnostics, std::move(built.compiled.diagnostics));
  const std::vector<bool>& compiled = built.compiled.compiled;
  if (std::find(compiled.begin(), compiled.end(), false) != compiled.end()) {
    // What refers to a rule that cannot be evaluated cannot be used either: link again without it.
    built = LinkAndCompile(Without(std::move(built.linked.rules), compiled), options);
  }
  Append(package->diagnostics, std::move(built.diagnostics));
  SortByPlace(package->diagnostics);

  package->rules = std::make_shared<const sigma::LinkedRules>(std::move(built.linked));
  package->rule_set = std::move(built.compiled.rule_set);
  package->detection_alerts = TemplatesOf(package->rules->rules.detections);
  package->correlation_alerts = TemplatesOf(package->rules->rules.correlations);
  return package;
}

std::shared_ptr<const RulePackage> LoadRulePackage(const std::vector<std::filesystem::path>& paths,
                                                   const RulePackageOptions& options) {
  return BuildRulePackage(sigma::LoadPaths(paths, options.limits), options);
}

}  // namespace auditflow::pipeline
