#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

#include "src/match/lower.hpp"
#include "src/match/naive_evaluator.hpp"

namespace {

using auditflow::event::Event;
using auditflow::event::EventParser;
using auditflow::match::RuleIndex;
namespace match = auditflow::match;
namespace sigma = auditflow::sigma;

/// Between the rules and the events, and between events.
constexpr char kSeparator = '\x1E';

std::string_view TakePart(std::string_view& rest) {
  const std::size_t end = rest.find(kSeparator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

sigma::LinkedRules LoadRules(std::string_view yaml) {
  sigma::LoadLimits limits;
  limits.max_nodes = 2'000;
  limits.max_expanded_nodes = 1'000;
  limits.max_expanded_bytes = 1U << 16U;
  return sigma::Link(sigma::LoadText(yaml, "fuzz.yml", limits).rules).linked;
}

match::CompileOptions Options() {
  match::CompileOptions options;
  options.placeholders = {{"names", {"alpha", "be*ta"}}, {"empty", {}}};
  options.max_regex_bytes = 1 << 16;
  options.max_expansion = 64;
  return options;
}

/// The rules as the naive evaluator takes them; nothing for those that were refused.
class NaiveRules {
 public:
  NaiveRules(const sigma::LinkedRules& rules, const match::CompileOptions& options) {
    for (RuleIndex rule = 0; rule < rules.rules.detections.size(); ++rule) {
      expressions_.push_back(match::Lower(rules, rule, options, diagnostics_));
    }
  }
  [[nodiscard]] bool Has(RuleIndex rule) const { return expressions_[rule].has_value(); }
  [[nodiscard]] std::size_t size() const { return expressions_.size(); }
  [[nodiscard]] std::vector<RuleIndex> Match(const Event& event) const {
    std::vector<RuleIndex> matches;
    for (RuleIndex rule = 0; rule < expressions_.size(); ++rule) {
      if (Has(rule) && match::EvaluateNaively(*expressions_[rule], event)) matches.push_back(rule);
    }
    return matches;
  }

 private:
  std::vector<sigma::Diagnostic> diagnostics_;
  std::vector<std::optional<match::Expression>> expressions_;
};

void Compare(match::Matcher& matcher, const NaiveRules& naive, const Event& event) {
  const auto found = matcher.Match(event);
  const std::vector<RuleIndex> compiled(found.begin(), found.end());
  if (compiled == naive.Match(event)) return;
  std::cerr << "the engines disagree on " << event.raw() << "\n";
  std::abort();
}

}  // namespace

// Rules, then events, with the byte 1E between them: the compiled engine finds in each event what
// the naive evaluator finds, also in the second event that a matcher sees, and again in the first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const sigma::LinkedRules rules = LoadRules(TakePart(rest));
  if (rules.rules.detections.empty()) return 0;

  const match::CompileOptions options = Options();
  const match::CompileResult compiled = match::RuleSet::Compile(rules, options);
  const NaiveRules naive(rules, options);
  for (RuleIndex rule = 0; rule < naive.size(); ++rule) {
    if (compiled.compiled[rule] != naive.Has(rule)) std::abort();
  }

  match::Matcher matcher(compiled.rule_set);
  EventParser parser({.max_bytes = 1U << 16U, .max_depth = 16, .max_keys = 1'000});
  std::vector<Event> events;
  while (!rest.empty() && events.size() < 8) {
    auto event = parser.Parse(TakePart(rest));
    if (event) events.push_back(std::move(*event));
  }
  for (const Event& event : events) Compare(matcher, naive, event);
  if (!events.empty()) Compare(matcher, naive, events.front());
  return 0;
}
