#include "auditflow/match/matcher.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/match/compiled_rules.hpp"
#include "src/match/event_walk.hpp"
#include "src/match/field_values.hpp"
#include "src/match/value_memo.hpp"

namespace auditflow::match {
namespace {

/// Calls `visit(Value)` for the scalars that a field's value stands for: itself, or those in its
/// arrays.
template <class Visit>
void ForEachElementScalar(event::Value value, Visit&& visit) {
  if (value.is_array()) {
    value.ForEachElement([&](event::Value element) { ForEachElementScalar(element, visit); });
  } else if (value.is_scalar()) {
    visit(value);
  }
}

}  // namespace

struct Matcher::Impl {
  explicit Impl(std::shared_ptr<const RuleSet> set)
      : rule_set(std::move(set)),
        rules(*rule_set->rules_),
        walk(rules.fields),
        bits(rules.atoms),
        values(rules.fields.size()),
        memos(rules.fields.size()),
        nominated(rules.rules.size(), 0),
        lazy_known(rules.lazy.size(), 0),
        lazy_answers(rules.lazy.size(), false) {}

  void Match(const event::Event& event) {
    ++pass;
    bits.Reset();
    candidates.clear();
    matches.clear();
    for (const Partition& partition : rules.partitions) {
      AnswerAtoms(partition, event);
      Nominate(partition);
    }
    Evaluate(event);
  }

  void AnswerAtoms(const Partition& partition, const event::Event& event) {
    walk.Visit(event, [&](FieldId field, event::Value value) {
      const bool is_first = values.Add(pass, field, value);
      const FieldEngine* engine = partition.engine(field);
      if (engine == nullptr) return;
      if (is_first) engine->OnPresent(bits);
      ForEachElementScalar(value, [&](event::Value each) { Look(*engine, field, each, event); });
    });
    if (const FieldEngine* keywords = partition.keywords()) {
      ForEachScalar(event.root(), [&](event::Value leaf) { Search(*keywords, leaf, event); });
    }
  }

  void Look(const FieldEngine& engine, FieldId field, event::Value value,
            const event::Event& event) {
    if (IsMemorable(value)) {
      Apply(Remember(engine, field, value, event).atoms);
    } else {
      Search(engine, value, event);
    }
  }

  static bool IsMemorable(event::Value value) {
    return value.is_string() && value.string_value().size() <= ValueMemo::kLongest;
  }
  ValueMemo::Entry& Remember(const FieldEngine& engine, FieldId field, event::Value value,
                             const event::Event& event) {
    if (!memos[field]) memos[field] = std::make_unique<ValueMemo>();
    return memos[field]->Find(value.string_value(), [&](std::vector<AtomId>& found) {
      scalar.Reset(value, event);
      engine.OnScalar(scalar, found);
    });
  }

  void Search(const FieldEngine& engine, event::Value value, const event::Event& event) {
    holding.clear();
    scalar.Reset(value, event);
    engine.OnScalar(scalar, holding);
    Apply(holding);
  }

  void Apply(const std::vector<AtomId>& atoms) {
    for (const AtomId atom : atoms) bits.Set(atom);
  }

  void Nominate(const Partition& partition) {
    for (const RuleSlot slot : partition.always()) Nominate(slot);
    for (const AtomId atom : bits.changed()) {
      for (const RuleSlot slot : partition.TriggeredBy(atom)) Nominate(slot);
    }
  }
  void Nominate(RuleSlot slot) {
    if (nominated[slot] == pass) return;
    nominated[slot] = pass;
    candidates.push_back(slot);
  }

  void Evaluate(const event::Event& event) {
    const auto ask = [&](std::uint32_t lazy) { return AnswerLazy(lazy, event); };
    for (const RuleSlot slot : candidates) {
      const CompiledRules::Rule& rule = rules.rules[slot];
      if (rules.programs.Evaluate(rule.program, bits, ask)) matches.push_back(rule.index);
    }
    std::sort(matches.begin(), matches.end());
  }

  bool AnswerLazy(std::uint32_t lazy, const event::Event& event) {
    if (lazy_known[lazy] != pass) {
      lazy_known[lazy] = pass;
      lazy_answers[lazy] = AskLazy(lazy, event);
    }
    return lazy_answers[lazy];
  }

  bool AskLazy(std::uint32_t lazy, const event::Event& event) {
    bool holds = false;
    const FieldId field = rules.lazy.FieldOf(lazy);
    if (field == FieldIndex::kNone) {
      ForEachScalar(event.root(), [&](event::Value leaf) {
        holds = holds || rules.lazy.HoldsFor(lazy, event, leaf);
      });
      return holds;
    }
    values.ForEach(pass, field, [&](event::Value value) {
      ForEachElementScalar(
          value, [&](event::Value each) { holds = holds || AskScalar(lazy, field, each, event); });
    });
    return holds;
  }

  bool AskScalar(std::uint32_t lazy, FieldId field, event::Value value, const event::Event& event) {
    const auto ask = [&] { return rules.lazy.HoldsFor(lazy, event, value); };
    const FieldEngine* engine = rules.partitions.front().engine(field);
    if (engine == nullptr || !IsMemorable(value) || !rules.lazy.DependsOnScalarOnly(lazy)) {
      return ask();
    }
    return RememberedAnswer(Remember(*engine, field, value, event), lazy, ask);
  }

  std::shared_ptr<const RuleSet> rule_set;
  const CompiledRules& rules;
  EventWalk walk;
  ScalarView scalar;
  std::vector<AtomId> holding;
  AtomBits bits;
  FieldValues values;
  std::vector<std::unique_ptr<ValueMemo>> memos;  ///< by field
  // What belongs to the event at hand carries its pass number, so that nothing has to be cleared.
  std::uint64_t pass = 0;
  std::vector<std::uint64_t> nominated;  ///< by slot
  std::vector<std::uint64_t> lazy_known;
  std::vector<bool> lazy_answers;
  std::vector<RuleSlot> candidates;
  std::vector<RuleIndex> matches;
};

Matcher::Matcher(std::shared_ptr<const RuleSet> rule_set)
    : impl_(std::make_unique<Impl>(std::move(rule_set))) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

std::span<const RuleIndex> Matcher::Match(const event::Event& event) {
  impl_->Match(event);
  return impl_->matches;
}

const std::shared_ptr<const RuleSet>& Matcher::rule_set() const { return impl_->rule_set; }

}  // namespace auditflow::match
