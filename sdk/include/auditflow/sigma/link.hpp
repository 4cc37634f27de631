#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/taxonomy.hpp"

namespace auditflow::sigma {

/// A detection or a correlation of a `LinkedRules`, by its place there.
struct RuleRef {
  enum class Kind : std::uint8_t { kDetection, kCorrelation };
  Kind kind = Kind::kDetection;
  std::uint32_t index = 0;
  friend bool operator==(const RuleRef&, const RuleRef&) = default;
};

enum class FilterMode : std::uint8_t {
  kAsWritten,  ///< (rule) and (filter condition): how the reference implementation reads it
  kSuppress,   ///< (rule) and not (filter condition)
};

struct LinkOptions {
  FilterMode filters = FilterMode::kAsWritten;
  /// Those that rules may be written in beside "sigma"; null: none.
  std::shared_ptr<const Taxonomies> taxonomies = nullptr;
};

/// Rules with their references resolved.
struct LinkedRules {
  RuleCollection rules;
  FilterMode filter_mode = FilterMode::kAsWritten;
  /// For each detection rule the filters that apply to it, by index into `rules.filters`.
  std::vector<std::vector<std::uint32_t>> filters_of;
  /// For each detection rule whether its own matches are output: not if only correlations without
  /// `generate` use it.
  std::vector<bool> detection_outputs;
  /// For each correlation the rules it refers to, in the order in which it names them.
  std::vector<std::vector<RuleRef>> references_of;
  /// The same question as for detections.
  std::vector<bool> correlation_outputs;
  /// Correlations so ordered that each comes after those it refers to.
  std::vector<std::uint32_t> correlation_order;
};

struct LinkResult {
  LinkedRules linked;
  std::vector<Diagnostic> diagnostics;
};

/// Gives documents of other taxonomies Sigma's names, and drops those of an unknown one with a
/// diagnostic. Correlations keep theirs: they read fields of the event itself, without maps.
///
/// Resolves references by id or name across all documents, applies filters to the rules whose
/// logsource they contain, and orders correlations. A correlation with an unknown or ambiguous
/// reference, or within a cycle, is dropped with a diagnostic, and so are those that depend on it.
/// Duplicate ids and names are diagnosed; the first stays.
LinkResult Link(RuleCollection rules, const LinkOptions& options = {});

/// Removes the detections whose flag in `keep` is false, and with a diagnostic each the
/// correlations that depend on one. What is left keeps its order and is numbered anew.
std::vector<Diagnostic> Prune(LinkedRules& linked, const std::vector<bool>& keep);

}  // namespace auditflow::sigma
