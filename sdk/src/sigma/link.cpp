#include "auditflow/sigma/link.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "src/sigma/correlation_graph.hpp"
#include "src/sigma/rule_index.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

bool Contains(const std::string& filter, const std::string& rule) {
  return filter.empty() || filter == rule;
}

bool Contains(const LogSource& filter, const LogSource& rule) {
  return Contains(filter.product, rule.product) && Contains(filter.category, rule.category) &&
         Contains(filter.service, rule.service);
}

bool HasNot(const Condition& condition) {
  return condition.kind == Condition::Kind::kNot ||
         std::any_of(condition.children.begin(), condition.children.end(), HasNot);
}

class FilterLinker {
 public:
  FilterLinker(const RuleIndex& index, LinkedRules& linked, std::vector<Diagnostic>& diagnostics)
      : index_(index), linked_(linked), diagnostics_(diagnostics) {
    linked_.filters_of.resize(linked_.rules.detections.size());
  }

  void Link(std::uint32_t f) {
    const FilterRule& filter = linked_.rules.filters[f];
    if (linked_.filter_mode == FilterMode::kAsWritten) WarnWithoutNot(filter);
    if (filter.rules.empty()) {
      for (std::uint32_t i = 0; i < linked_.rules.detections.size(); ++i) Apply(f, i);
    }
    for (const CorrelationRule::Reference& reference : filter.rules) LinkTo(f, reference);
  }

 private:
  void LinkTo(std::uint32_t f, const CorrelationRule::Reference& reference) {
    const std::vector<RuleRef> found = index_.Find(reference.rule);
    if (found.size() != 1) {
      return Warn(reference.location, found.empty() ? "unknown-rule" : "ambiguous-rule",
                  found.empty() ? "no loaded rule has the id or name " + Quote(reference.rule)
                                : Quote(reference.rule) +
                                      " is the id of one rule and the name of another; "
                                      "the filter applies to neither");
    }
    const RuleRef rule = found.front();
    if (rule.kind == RuleRef::Kind::kCorrelation) {
      Warn(reference.location, "filtered-correlation",
           "filters do not apply to correlations; name the rules that " + Quote(reference.rule) +
               " refers to");
    } else if (!Apply(f, rule.index)) {
      Warn(reference.location, "filter-logsource",
           "the filter does not apply to " + Quote(reference.rule) +
               ": its logsource does not contain the rule's");
    }
  }

  bool Apply(std::uint32_t f, std::uint32_t rule) {
    const LogSource& wanted = linked_.rules.filters[f].logsource;
    if (!Contains(wanted, linked_.rules.detections[rule].logsource)) return false;
    std::vector<std::uint32_t>& filters = linked_.filters_of[rule];
    // A filter may name a rule by id and by name.
    if (filters.empty() || filters.back() != f) filters.push_back(f);
    return true;
  }

  void WarnWithoutNot(const FilterRule& filter) {
    if (std::any_of(filter.conditions.begin(), filter.conditions.end(), HasNot)) return;
    Warn(filter.metadata.location, "filter-without-not",
         "the filter's condition has no 'not': rules then keep only what the filter matches. To "
         "suppress that instead, write 'not selection'");
  }

  void Warn(const SourceLocation& location, std::string code, std::string message) {
    diagnostics_.push_back(
        {DiagnosticKind::kWarning, location, std::move(code), std::move(message)});
  }

  const RuleIndex& index_;
  LinkedRules& linked_;
  std::vector<Diagnostic>& diagnostics_;
};

/// Drops documents of a taxonomy that is not known.
template <class Document>
void DropUnknown(std::vector<Document>& documents, const Taxonomies& taxonomies,
                 std::vector<Diagnostic>& diagnostics) {
  std::erase_if(documents, [&](const Document& document) {
    const Metadata& metadata = document.metadata;
    if (metadata.taxonomy == "sigma" || taxonomies.Knows(metadata.taxonomy)) return false;
    diagnostics.push_back({DiagnosticKind::kUnsupported, metadata.taxonomy_location,
                           "taxonomy-unmapped",
                           "the taxonomy " + Quote(metadata.taxonomy) +
                               " is not known; known are " + taxonomies.Names()});
    return true;
  });
}

template <class Document>
void Translate(std::vector<Document>& documents, const Taxonomies& taxonomies,
               std::vector<Diagnostic>& diagnostics) {
  for (Document& document : documents) {
    if (document.metadata.taxonomy != "sigma") taxonomies.Translate(document, diagnostics);
  }
}

void ApplyTaxonomies(RuleCollection& rules, const Taxonomies& taxonomies,
                     std::vector<Diagnostic>& diagnostics) {
  DropUnknown(rules.detections, taxonomies, diagnostics);
  DropUnknown(rules.correlations, taxonomies, diagnostics);
  DropUnknown(rules.filters, taxonomies, diagnostics);
  Translate(rules.detections, taxonomies, diagnostics);
  Translate(rules.filters, taxonomies, diagnostics);
}

/// A rule is silent if correlations use it and none of them says `generate`.
void DecideOutputs(LinkedRules& linked) {
  linked.detection_outputs.assign(linked.rules.detections.size(), true);
  linked.correlation_outputs.assign(linked.rules.correlations.size(), true);
  const auto set = [&](bool generate, bool output) {
    for (std::size_t i = 0; i < linked.references_of.size(); ++i) {
      if (linked.rules.correlations[i].generate != generate) continue;
      for (const RuleRef& ref : linked.references_of[i]) {
        auto& outputs = ref.kind == RuleRef::Kind::kDetection ? linked.detection_outputs
                                                              : linked.correlation_outputs;
        outputs[ref.index] = output;
      }
    }
  };
  set(false, false);
  set(true, true);
}

constexpr std::uint32_t kGone = UINT32_MAX;

/// For each flag the number of those before it, or kGone where it is false.
std::vector<std::uint32_t> PlacesOf(const std::vector<bool>& keep) {
  std::vector<std::uint32_t> places(keep.size(), kGone);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) places[i] = next++;
  }
  return places;
}

template <class T>
void Keep(std::vector<T>& items, const std::vector<bool>& keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!keep[i]) continue;
    if (kept != i) items[kept] = std::move(items[i]);
    ++kept;
  }
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(kept), items.end());
}

/// Which correlations can stay without the detections that go.
std::vector<bool> KeepCorrelations(const LinkedRules& linked, const std::vector<bool>& detections,
                                   std::vector<Diagnostic>& diagnostics) {
  std::vector<bool> keep(linked.rules.correlations.size(), true);
  for (const std::uint32_t i : linked.correlation_order) {
    const CorrelationRule& correlation = linked.rules.correlations[i];
    for (std::size_t r = 0; r < correlation.rules.size(); ++r) {
      const RuleRef& ref = linked.references_of[i][r];
      const bool there =
          ref.kind == RuleRef::Kind::kDetection ? detections[ref.index] : keep[ref.index];
      if (there) continue;
      keep[i] = false;
      diagnostics.push_back({DiagnosticKind::kInvalid, correlation.rules[r].location,
                             "unusable-rule",
                             "this correlation depends on " + Quote(correlation.rules[r].rule) +
                                 ", which cannot be used"});
    }
  }
  return keep;
}

void Renumber(std::vector<std::vector<RuleRef>>& references,
              const std::vector<std::uint32_t>& detections,
              const std::vector<std::uint32_t>& correlations) {
  for (std::vector<RuleRef>& refs : references) {
    for (RuleRef& ref : refs) {
      const bool detection = ref.kind == RuleRef::Kind::kDetection;
      ref.index = (detection ? detections : correlations)[ref.index];
    }
  }
}

}  // namespace

std::vector<Diagnostic> Prune(LinkedRules& linked, const std::vector<bool>& keep) {
  std::vector<Diagnostic> diagnostics;
  const std::vector<bool> correlations = KeepCorrelations(linked, keep, diagnostics);
  const std::vector<std::uint32_t> places = PlacesOf(correlations);
  Keep(linked.rules.detections, keep);
  Keep(linked.filters_of, keep);
  Keep(linked.rules.correlations, correlations);
  Keep(linked.references_of, correlations);
  Renumber(linked.references_of, PlacesOf(keep), places);
  for (std::uint32_t& i : linked.correlation_order) i = places[i];
  std::erase(linked.correlation_order, kGone);
  DecideOutputs(linked);
  return diagnostics;
}

LinkResult Link(RuleCollection rules, const LinkOptions& options) {
  LinkResult result;
  LinkedRules& linked = result.linked;
  linked.rules = std::move(rules);
  linked.filter_mode = options.filters;
  ApplyTaxonomies(linked.rules, options.taxonomies ? *options.taxonomies : Taxonomies(),
                  result.diagnostics);
  const RuleIndex index(linked.rules, result.diagnostics);
  FilterLinker filters(index, linked, result.diagnostics);
  for (std::uint32_t f = 0; f < linked.rules.filters.size(); ++f) filters.Link(f);
  LinkCorrelations(index, linked, result.diagnostics);
  DecideOutputs(linked);
  SortByLocation(result.diagnostics);
  return result;
}

}  // namespace auditflow::sigma
