#include "src/sigma/rule_index.hpp"

#include <cstddef>
#include <utility>

#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

void ReportRepeated(const Metadata& metadata, std::string_view what, const std::string& value,
                    const SourceLocation& first, std::vector<Diagnostic>& diagnostics) {
  diagnostics.push_back({DiagnosticKind::kInvalid, metadata.location,
                         what == "id" ? "duplicate-id" : "duplicate-name",
                         "the " + std::string(what) + " " + Quote(value) +
                             " belongs to the rule at " + first.ToString() +
                             " already; this one is not used"});
}

}  // namespace

RuleIndex::RuleIndex(RuleCollection& rules, std::vector<Diagnostic>& diagnostics) {
  Add(rules.detections, RuleRef::Kind::kDetection, diagnostics);
  Add(rules.correlations, RuleRef::Kind::kCorrelation, diagnostics);
}

template <class Rule>
void RuleIndex::Add(std::vector<Rule>& rules, RuleRef::Kind kind,
                    std::vector<Diagnostic>& diagnostics) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Metadata& metadata = rules[i].metadata;
    if (IsRepeated(metadata, diagnostics)) continue;
    const Entry entry{{kind, static_cast<std::uint32_t>(kept)}, metadata.location};
    if (!metadata.id.empty()) by_id_.emplace(AsciiLower(metadata.id), entry);
    if (!metadata.name.empty()) by_name_.emplace(metadata.name, entry);
    if (kept != i) rules[kept] = std::move(rules[i]);
    ++kept;
  }
  rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(kept), rules.end());
}

bool RuleIndex::IsRepeated(const Metadata& metadata, std::vector<Diagnostic>& diagnostics) const {
  const auto id = by_id_.find(AsciiLower(metadata.id));
  if (id != by_id_.end()) {
    ReportRepeated(metadata, "id", metadata.id, id->second.location, diagnostics);
    return true;
  }
  const auto name = by_name_.find(metadata.name);
  if (name == by_name_.end()) return false;
  ReportRepeated(metadata, "name", metadata.name, name->second.location, diagnostics);
  return true;
}

std::vector<RuleRef> RuleIndex::Find(std::string_view reference) const {
  std::vector<RuleRef> found;
  const auto id = by_id_.find(AsciiLower(reference));
  if (id != by_id_.end()) found.push_back(id->second.ref);
  const auto name = by_name_.find(std::string(reference));
  if (name != by_name_.end() && (found.empty() || found.front() != name->second.ref)) {
    found.push_back(name->second.ref);
  }
  return found;
}

}  // namespace auditflow::sigma
