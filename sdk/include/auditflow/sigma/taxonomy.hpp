#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace auditflow::sigma {

/// What a taxonomy calls one of Sigma's logs, and the fields of its events.
struct TaxonomyEntry {
  LogSource logsource;  ///< Sigma's; without parts: any
  LogSource name;       ///< the taxonomy's; a part that is empty is called as Sigma calls it
  std::vector<std::pair<std::string, std::string>> fields;  ///< the taxonomy's → Sigma's
};

/// Taxonomies other than "sigma", by name: what `Link` needs to understand rules written in them.
///
/// Thread safety: immutable once built.
class Taxonomies {
 public:
  /// Takes the documents of a logsource map that say `auditflow: {taxonomy: NAME}`: the other names
  /// of their events' fields (`fields`) are that taxonomy's. `logsource: {category: …}` in the same
  /// block is what the taxonomy calls the document's log. Faults of these two keys are reported.
  void Add(const std::vector<DetectionRule>& logsource_map, std::vector<Diagnostic>& diagnostics);
  void Add(const std::string& taxonomy, TaxonomyEntry entry);

  [[nodiscard]] bool Knows(std::string_view taxonomy) const;
  /// `"sigma", "ecs"`, for messages.
  [[nodiscard]] std::string Names() const;

  /// Gives a document's logsource and fields Sigma's names. A field without one stays as it is,
  /// with a warning. Its taxonomy is "sigma" then. Requires a taxonomy that is known.
  void Translate(DetectionRule& rule, std::vector<Diagnostic>& diagnostics) const;
  void Translate(FilterRule& filter, std::vector<Diagnostic>& diagnostics) const;

 private:
  std::map<std::string, std::vector<TaxonomyEntry>, std::less<>> entries_;
};

}  // namespace auditflow::sigma
