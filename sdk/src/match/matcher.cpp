#include "auditflow/match/matcher.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "src/match/compiled_rules.hpp"
#include "src/match/event_walk.hpp"
#include "src/match/field_values.hpp"
#include "src/match/scalar_test.hpp"
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

/// What is remembered of recent values, by field; null where nothing was asked yet.
using FieldMemos = std::vector<std::unique_ptr<ValueMemo>>;

}  // namespace

struct Matcher::Impl {
  explicit Impl(std::shared_ptr<const RuleSet> set)
      : rule_set(std::move(set)),
        rules(*rule_set->rules_),
        walk(rules.fields),
        values(rules.fields.size()),
        bits(rules.atoms),
        memos(rules.partitions.size()),
        lazy_memos(rules.fields.size()),
        nominated(rules.rules.size(), 0),
        activated(rules.partitions.size(), 0),
        lazy_known(rules.lazy.size(), 0),
        lazy_answers(rules.lazy.size(), false) {
    if (rules.router) route_nominated.resize(rules.router->routes().size(), 0);
  }

  void Match(const event::Event& event) {
    ++pass;
    bits.Reset();
    values.Begin(pass);
    walk.Visit(event, [this](FieldId field, event::Value value) { values.Add(field, value); });
    ChoosePartitions(event);
    for (const std::uint32_t p : active) AnswerAtoms(rules.partitions[p], memos[p], event);
    NominateRules();
    Evaluate(event);
  }

  void ChoosePartitions(const event::Event& event) {
    active.clear();
    if (!rules.router) {
      for (std::uint32_t p = 0; p < rules.partitions.size(); ++p) Activate(p);
      return;
    }
    AnswerAtoms(*rules.routing, route_memos, event);
    NominateRoutes();
    const auto ask = [&](std::uint32_t lazy) { return AnswerLazy(lazy, event); };
    for (const RuleSlot slot : routes) {
      const Router::Route& route = rules.router->routes()[slot];
      if (!rules.programs.Evaluate(route.program, bits, ask)) continue;
      const auto& partitions = route.IsStated() ? StatedPartitions(route, event) : route.partitions;
      for (const std::uint32_t p : partitions) Activate(p);
    }
  }

  void Activate(std::uint32_t partition) {
    if (activated[partition] == pass) return;
    activated[partition] = pass;
    active.push_back(partition);
  }

  const std::vector<std::uint32_t>& StatedPartitions(const Router::Route& route,
                                                     const event::Event& event) {
    stated_key = route.key;
    for (std::size_t part = 0; part < stated_key.size(); ++part) {
      if (!route.stated[part]) continue;
      stated_key[part].clear();
      values.ForEach(*route.stated[part], [&](event::Value value) {
        if (const auto text = TextOf(event, value)) stated_key[part] = *text;
      });
    }
    const auto known = stated_partitions.find(stated_key);
    if (known != stated_partitions.end()) return known->second;
    // What events state is input: what is remembered of it is bounded.
    if (stated_partitions.size() == kMostStatedKeys) stated_partitions.clear();
    return stated_partitions.emplace(stated_key, rules.router->PartitionsOf(stated_key))
        .first->second;
  }

  void AnswerAtoms(const Partition& partition, FieldMemos& field_memos, const event::Event& event) {
    for (const FieldValues::Found& found : values.all()) {
      const FieldEngine* engine = partition.engine(found.field);
      if (engine == nullptr) continue;
      if (found.is_first) engine->OnPresent(bits);
      if (field_memos.size() <= found.field) field_memos.resize(rules.fields.size());
      ForEachElementScalar(found.value, [&](event::Value each) {
        Look(*engine, field_memos[found.field], each, event);
      });
    }
    if (const FieldEngine* keywords = partition.keywords()) {
      ForEachScalar(event.root(), [&](event::Value leaf) { Search(*keywords, leaf, event); });
    }
  }

  void Look(const FieldEngine& engine, std::unique_ptr<ValueMemo>& memo, event::Value value,
            const event::Event& event) {
    if (!IsMemorable(value)) return Search(engine, value, event);
    if (!memo) memo = std::make_unique<ValueMemo>();
    if (!memo->IsWorthAsking()) return Search(engine, value, event);
    const auto answer = [&](std::vector<AtomId>& found) {
      scalar.Reset(value, event);
      engine.OnScalar(scalar, found);
    };
    Apply(memo->Find(value.string_value(), answer).atoms);
  }

  static bool IsMemorable(event::Value value) {
    return value.is_string() && value.string_value().size() <= ValueMemo::kLongest;
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

  void NominateRules() {
    candidates.clear();
    for (const std::uint32_t p : active) {
      for (const RuleSlot slot : rules.partitions[p].always()) candidates.push_back(slot);
    }
    for (const AtomId atom : bits.changed()) {
      for (const RuleSlot slot : rules.triggers.TriggeredBy(atom)) {
        if (nominated[slot] == pass || activated[rules.rules[slot].partition] != pass) continue;
        nominated[slot] = pass;
        candidates.push_back(slot);
      }
    }
  }

  void NominateRoutes() {
    routes.assign(rules.routing->always().begin(), rules.routing->always().end());
    for (const AtomId atom : bits.changed()) {
      for (const RuleSlot slot : rules.route_triggers.TriggeredBy(atom)) {
        if (route_nominated[slot] == pass) continue;
        route_nominated[slot] = pass;
        routes.push_back(slot);
      }
    }
  }

  void Evaluate(const event::Event& event) {
    matches.clear();
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
    values.ForEach(field, [&](event::Value value) {
      ForEachElementScalar(value, [&](event::Value each) {
        holds = holds || AskScalar(lazy, lazy_memos[field], each, event);
      });
    });
    return holds;
  }

  bool AskScalar(std::uint32_t lazy, std::unique_ptr<ValueMemo>& memo, event::Value value,
                 const event::Event& event) const {
    const auto ask = [&] { return rules.lazy.HoldsFor(lazy, event, value); };
    if (!IsMemorable(value) || !rules.lazy.DependsOnScalarOnly(lazy)) return ask();
    if (!memo) memo = std::make_unique<ValueMemo>();
    const auto nothing = [](std::vector<AtomId>&) {};
    return RememberedAnswer(memo->Find(value.string_value(), nothing), lazy, ask);
  }

  static constexpr std::size_t kMostStatedKeys = 1024;

  std::shared_ptr<const RuleSet> rule_set;
  const CompiledRules& rules;
  EventWalk walk;
  FieldValues values;
  ScalarView scalar;
  std::vector<AtomId> holding;
  AtomBits bits;
  std::vector<FieldMemos> memos;  ///< by partition
  FieldMemos route_memos;
  FieldMemos lazy_memos;
  // What belongs to the event at hand carries its pass number, so that nothing has to be cleared.
  std::uint64_t pass = 0;
  std::vector<std::uint64_t> nominated;        ///< by slot
  std::vector<std::uint64_t> route_nominated;  ///< by route
  std::vector<std::uint64_t> activated;        ///< by partition
  std::vector<std::uint64_t> lazy_known;
  std::vector<bool> lazy_answers;
  std::vector<std::uint32_t> active;
  std::vector<RuleSlot> routes;
  std::vector<RuleSlot> candidates;
  std::vector<RuleIndex> matches;
  LogsourceKey stated_key;
  std::map<LogsourceKey, std::vector<std::uint32_t>> stated_partitions;
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
