#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/loader.hpp"

namespace auditflow::sigma {

/// A rule with this `detection:` content, which starts in line 4 with four spaces.
inline std::string RuleWith(const std::string& detection) {
  return "title: T\nlogsource: {category: test}\ndetection:\n" + detection;
}

/// A rule whose one item is `item`, in line 5, column 9.
inline std::string RuleWithItem(const std::string& item) {
  return RuleWith("    sel:\n        " + item + "\n    condition: sel\n");
}

/// "line:column code" of each error, in order.
inline std::vector<std::string> Places(const std::vector<Diagnostic>& diagnostics,
                                       bool warnings = false) {
  std::vector<std::string> places;
  for (const Diagnostic& d : diagnostics) {
    if ((d.kind == DiagnosticKind::kWarning) != warnings) continue;
    places.push_back(std::to_string(d.location.line) + ":" + std::to_string(d.location.column) +
                     " " + d.code);
  }
  return places;
}

inline std::vector<std::string> ErrorsOf(const std::string& text) {
  return Places(LoadText(text, "rule.yml").diagnostics);
}
inline std::vector<std::string> WarningsOf(const std::string& text) {
  return Places(LoadText(text, "rule.yml").diagnostics, true);
}

inline std::string Show(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) out += d.ToString() + "\n";
  return out;
}

}  // namespace auditflow::sigma
