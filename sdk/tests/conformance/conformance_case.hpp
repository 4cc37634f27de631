#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/correlate/correlator.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/node.hpp"

/// The conformance suite as data; README.md beside this file defines the form.
namespace auditflow::conformance {

struct CaseOptions {
  match::CompileOptions compile;
  sigma::LinkOptions link;
  correlate::CorrelatorOptions correlation;
};

/// One of the input's events, with what is expected of it.
struct CaseEvent {
  std::string json;
  std::optional<bool> last_rule_matches;
  std::optional<std::vector<std::string>> matching_titles;
  std::optional<std::vector<std::string>> output_titles;
};

struct CaseHit {
  std::string rule;       ///< the correlation's name, else its title
  std::size_t event = 0;  ///< index into `Case::events`
};

struct Case {
  std::string name;
  std::string rule;
  CaseOptions options;
  std::vector<CaseEvent> events;
  std::optional<std::vector<CaseHit>> hits;
  std::string error;    ///< empty: the rule must be accepted
  std::string warning;  ///< empty: none in particular is expected
  std::uint32_t line = 0;
};

struct Suite {
  std::string name;  ///< the file's name without its extension
  std::filesystem::path file;
  std::vector<Case> cases;
  std::string fault;  ///< why the file could not be read; empty if it could
};

/// The suites of a folder by name.
std::vector<Suite> LoadSuites(const std::filesystem::path& folder);

}  // namespace auditflow::conformance
