#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auditflow/sigma/link.hpp"

namespace auditflow::sigma {

/// Finds detections and correlations by id (in either letter case) or name.
class RuleIndex {
 public:
  /// Removes rules whose id or name an earlier one has, with a diagnostic, and indexes the rest.
  RuleIndex(RuleCollection& rules, std::vector<Diagnostic>& diagnostics);

  /// Empty: unknown. More than one: an id and a name of different rules.
  [[nodiscard]] std::vector<RuleRef> Find(std::string_view reference) const;

 private:
  template <class Rule>
  void Add(std::vector<Rule>& rules, RuleRef::Kind kind, std::vector<Diagnostic>& diagnostics);
  bool IsRepeated(const Metadata& metadata, std::vector<Diagnostic>& diagnostics) const;

  struct Entry {
    RuleRef ref;
    SourceLocation location;
  };
  std::unordered_map<std::string, Entry> by_id_;
  std::unordered_map<std::string, Entry> by_name_;
};

}  // namespace auditflow::sigma
