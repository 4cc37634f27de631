#include "src/sigma/correlation_graph.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

class Graph {
 public:
  Graph(const RuleIndex& index, LinkedRules& linked, std::vector<Diagnostic>& diagnostics)
      : index_(index),
        linked_(linked),
        correlations_(linked.rules.correlations),
        diagnostics_(diagnostics),
        references_(correlations_.size()),
        unusable_(correlations_.size(), false) {}

  void Link() {
    for (std::size_t i = 0; i < correlations_.size(); ++i) Resolve(i);
    Order();
    ReportCycles();
    DropDependents();
    for (std::size_t i = 0; i < correlations_.size(); ++i) {
      if (!unusable_[i]) CheckAliases(i);
    }
    Keep();
  }

 private:
  void Resolve(std::size_t i) {
    for (const CorrelationRule::Reference& reference : correlations_[i].rules) {
      const std::vector<RuleRef> found = index_.Find(reference.rule);
      if (found.size() == 1) {
        references_[i].push_back(found.front());
        continue;
      }
      unusable_[i] = true;
      Report(reference.location, found.empty() ? "unknown-rule" : "ambiguous-rule",
             found.empty()
                 ? "no usable rule has the id or name " + Quote(reference.rule)
                 : Quote(reference.rule) + " is the id of one rule and the name of another");
    }
    WarnOfRepetition(i);
  }

  void WarnOfRepetition(std::size_t i) {
    std::vector<RuleRef>& refs = references_[i];
    if (correlations_[i].type == CorrelationType::kTemporalOrdered) return;
    std::vector<std::pair<std::uint8_t, std::uint32_t>> seen;
    seen.reserve(refs.size());
    for (const RuleRef& ref : refs) {
      seen.emplace_back(static_cast<std::uint8_t>(ref.kind), ref.index);
    }
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) == seen.end()) return;
    Report(correlations_[i].location, "repeated-rule",
           "'rules' names the same rule more than once; that has no effect",
           DiagnosticKind::kWarning);
  }

  /// Kahn's algorithm: what is left over lies in a cycle or depends on one.
  void Order() {
    std::vector<std::size_t> open(correlations_.size(), 0);
    std::vector<std::vector<std::uint32_t>> users(correlations_.size());
    for (std::size_t i = 0; i < correlations_.size(); ++i) {
      for (const RuleRef& ref : references_[i]) {
        if (ref.kind != RuleRef::Kind::kCorrelation) continue;
        users[ref.index].push_back(static_cast<std::uint32_t>(i));
        ++open[i];
      }
    }
    for (std::uint32_t i = 0; i < open.size(); ++i) {
      if (open[i] == 0) order_.push_back(i);
    }
    for (std::size_t at = 0; at < order_.size(); ++at) {
      for (const std::uint32_t user : users[order_[at]]) {
        if (--open[user] == 0) order_.push_back(user);
      }
    }
    ordered_.assign(correlations_.size(), false);
    for (const std::uint32_t i : order_) ordered_[i] = true;
  }

  /// Follows, from each rule that has no order, the first reference that has none either: that ends
  /// in a cycle.
  void ReportCycles() {
    std::vector<std::size_t> walk_of(correlations_.size(), 0);
    for (std::size_t start = 0; start < correlations_.size(); ++start) {
      if (ordered_[start] || walk_of[start] != 0) continue;
      std::vector<std::uint32_t> path;
      std::uint32_t at = static_cast<std::uint32_t>(start);
      while (walk_of[at] == 0) {
        walk_of[at] = start + 1;
        path.push_back(at);
        at = NextInCycle(at);
      }
      if (walk_of[at] == start + 1)
        ReportCycle({std::find(path.begin(), path.end(), at), path.end()});
    }
  }

  std::uint32_t NextInCycle(std::uint32_t i) const {
    for (const RuleRef& ref : references_[i]) {
      if (ref.kind == RuleRef::Kind::kCorrelation && !ordered_[ref.index]) return ref.index;
    }
    return i;  // not reached: a rule without order has such a reference
  }

  void ReportCycle(const std::vector<std::uint32_t>& cycle) {
    constexpr std::size_t kMaxShown = 8;
    std::string path;
    for (std::size_t i = 0; i < std::min(cycle.size(), kMaxShown); ++i) {
      path += Quote(correlations_[cycle[i]].metadata.key()) + " → ";
    }
    path += cycle.size() > kMaxShown ? "…" : Quote(correlations_[cycle.front()].metadata.key());
    for (const std::uint32_t i : cycle) {
      unusable_[i] = true;
      Report(correlations_[i].location, "cycle",
             "correlations refer to each other in a cycle: " + path);
    }
  }

  /// Rules behind a cycle have no order and are reached last, in any order: they all go.
  void DropDependents() {
    for (const std::uint32_t i : order_) DropIfDependent(i);
    for (std::size_t i = 0; i < correlations_.size(); ++i) {
      if (!ordered_[i] && !unusable_[i]) ReportDependent(i, "a rule of a cycle");
    }
  }

  void DropIfDependent(std::uint32_t i) {
    if (unusable_[i]) return;
    for (const RuleRef& ref : references_[i]) {
      if (ref.kind != RuleRef::Kind::kCorrelation || !unusable_[ref.index]) continue;
      return ReportDependent(i, Quote(correlations_[ref.index].metadata.key()));
    }
  }

  void ReportDependent(std::size_t i, const std::string& on) {
    unusable_[i] = true;
    Report(correlations_[i].location, "unusable-rule",
           "this correlation depends on " + on + ", which cannot be used");
  }

  void CheckAliases(std::size_t i) {
    for (const CorrelationAlias& alias : correlations_[i].aliases) {
      for (const auto& [rule, field] : alias.field_by_rule) {
        const std::vector<RuleRef> found = index_.Find(rule);
        const std::vector<RuleRef>& refs = references_[i];
        const bool listed =
            found.size() == 1 && std::find(refs.begin(), refs.end(), found.front()) != refs.end();
        if (listed) continue;
        Report(correlations_[i].location, "unknown-alias-rule",
               "alias " + Quote(alias.alias) + " names " + Quote(rule) +
                   ", which is none of the rules of this correlation",
               DiagnosticKind::kWarning);
      }
    }
  }

  /// Moves what is usable together and renumbers.
  void Keep() {
    std::vector<std::uint32_t> place(correlations_.size(), 0);
    std::vector<CorrelationRule> kept;
    for (std::size_t i = 0; i < correlations_.size(); ++i) {
      if (unusable_[i]) continue;
      place[i] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(std::move(correlations_[i]));
      linked_.references_of.push_back(std::move(references_[i]));
    }
    for (std::vector<RuleRef>& refs : linked_.references_of) {
      for (RuleRef& ref : refs) {
        if (ref.kind == RuleRef::Kind::kCorrelation) ref.index = place[ref.index];
      }
    }
    for (const std::uint32_t i : order_) {
      if (!unusable_[i]) linked_.correlation_order.push_back(place[i]);
    }
    correlations_ = std::move(kept);
  }

  void Report(const SourceLocation& location, std::string code, std::string message,
              DiagnosticKind kind = DiagnosticKind::kInvalid) {
    diagnostics_.push_back({kind, location, std::move(code), std::move(message)});
  }

  const RuleIndex& index_;
  LinkedRules& linked_;
  std::vector<CorrelationRule>& correlations_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<std::vector<RuleRef>> references_;
  std::vector<bool> unusable_;
  std::vector<std::uint32_t> order_;
  std::vector<bool> ordered_;
};

}  // namespace

void LinkCorrelations(const RuleIndex& index, LinkedRules& linked,
                      std::vector<Diagnostic>& diagnostics) {
  Graph(index, linked, diagnostics).Link();
}

}  // namespace auditflow::sigma
