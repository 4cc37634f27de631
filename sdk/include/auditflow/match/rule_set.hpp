#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::match {

/// A detection rule's place in `LinkedRules::rules.detections`, and in everything a `RuleSet`
/// reports.
using RuleIndex = std::uint32_t;

struct CompileOptions {
  /// `%name%` under the `expand` modifier → its values. A placeholder that is not here gets its
  /// rule rejected.
  std::map<std::string, std::vector<std::string>, std::less<>> placeholders;
  /// Which events belong to which logsource: detection documents, each of which gives its logsource
  /// to the events for which its condition holds; an event may have several. A part written
  /// `%field%` is the text of that field of the event. With a map, a rule is asked only of events
  /// that have a logsource with each part that the rule names. Nothing: every rule is asked of
  /// every event.
  ///
  /// A document may also say under which other names its events hold the fields that rules ask
  /// about, and what their values mean: `auditflow: {fields: {Image: NewProcessName}}`, see
  /// `sigma::ReadFieldAliases`. What the event has under the name itself wins, unless the entry
  /// says `instead`.
  std::shared_ptr<const sigma::LinkedRules> logsource_map;
  bool map_fields = true;  ///< false: the other names are not looked at
  // A rule beyond one of these bounds is left out with a diagnostic.
  /// Memory of one regular expression's program and automata, in bytes.
  std::int64_t max_regex_bytes = std::int64_t{8} << 20U;
  /// The same for the programs of all regular expressions together: it bounds the time to compile
  /// them.
  std::int64_t max_regex_bytes_of_all = std::int64_t{256} << 20U;
  /// Values one item may expand to (windash, base64offset, placeholders).
  std::size_t max_expansion = 4096;
  /// `*` and `?` in one value.
  std::size_t max_wildcards = 256;
  /// Values that one rule may ask about, filters included, and what its condition makes of them by
  /// naming them repeatedly.
  std::size_t max_questions = std::size_t{1} << 18U;
  /// The same for all rules together.
  std::size_t max_questions_of_all = std::size_t{1} << 20U;
  /// Distinct field names in all rules.
  std::size_t max_fields = 20'000;
  /// Distinct logsources of all rules, if they are routed.
  std::size_t max_logsources = 1'000;
};

class RuleSet;
struct CompiledRules;

struct CompileResult {
  std::shared_ptr<const RuleSet> rule_set;  ///< never null; holds the rules that could be compiled
  std::vector<sigma::Diagnostic> diagnostics;
  /// Per detection rule, whether it is in the set.
  std::vector<bool> compiled;
};

/// Detection rules compiled for matching.
///
/// Thread safety: immutable; share it freely. Swap the `shared_ptr` to replace the rules of a
/// running program.
class RuleSet {
 public:
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  /// Compiles what can be compiled; every rule that cannot be is reported with its place and left
  /// out.
  static CompileResult Compile(const sigma::LinkedRules& rules, const CompileOptions& options = {});
  /// The same, and takes what was left out away from `rules` as well (`sigma::Prune`), together
  /// with the correlations that depend on it: the set's indices are those of the rules that stay.
  static CompileResult CompileAndPrune(sigma::LinkedRules& rules,
                                       const CompileOptions& options = {});

  [[nodiscard]] std::size_t rule_count() const;

  struct Statistics {
    std::size_t rules = 0;
    std::size_t fields = 0;
    std::size_t atoms = 0;  ///< distinct tests after sharing
    std::size_t lazy_atoms =
        0;  ///< those among them that run only on demand: regular expressions and the like
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  friend class Matcher;
  explicit RuleSet(std::unique_ptr<const CompiledRules> rules);
  std::unique_ptr<const CompiledRules> rules_;
};

}  // namespace auditflow::match
