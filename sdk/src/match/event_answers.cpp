#include "src/match/event_answers.hpp"

#include <optional>

#include "src/match/scalar_test.hpp"

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

EventAnswers::EventAnswers(const CompiledRules& rules)
    : rules_(rules),
      walk_(rules.fields),
      plans_(rules.fields),
      values_(rules.fields.size()),
      bits_(rules.atoms.size()),
      remembered_(rules.fields.size()),
      lazy_memos_(rules.fields.size()),
      lazy_known_(rules.lazy.size(), 0),
      lazy_answers_(rules.lazy.size(), false) {}

void EventAnswers::Begin(const event::Event& event) {
  ++pass_;
  event_ = &event;
  bits_.Reset();
  remembering_.Clear();
  plan_ = plans_.Find(event);
  values_.Begin(pass_, event, plan_);
  if (plan_ != nullptr) return;
  walk_.Visit(event, [this](FieldId field, event::Value value) { values_.Add(field, value); });
}

void EventAnswers::AddMapped() {
  if (aliases_.empty()) return;
  ++pass_;  // what a field was asked before it had its values holds no longer
  if (aliases_.AddTo(values_)) bits_.Reset();
}

void EventAnswers::MapFields(std::span<const CountingAlias> counting) {
  if (counting.empty()) return;
  aliases_.Begin(*event_, values_);
  for (const CountingAlias& alias : counting) {
    aliases_.Read(*alias.alias,
                  {alias.source.field, values_.ValueAt(alias.source.member), true, 0});
  }
  AddMapped();
}

bool EventAnswers::Remember(PartitionMemory& memory, std::vector<std::uint64_t>& serials) {
  const Partition& partition = *memory.partition;
  PartitionPlan& plan = plan_->PlanFor(memory);
  bool all = partition.follows_from_values();
  const auto remember = [&](PartitionPlan::Look& look) {
    ValueMemo::Entry* const entry = EntryOf(partition, look, values_.ValueAt(look.member));
    remembering_.entries.push_back(entry);
    all = all && entry != nullptr;
    if (entry != nullptr) serials.push_back(entry->serial());
  };
  for (PartitionPlan::Look& look : plan.looks) remember(look);
  for (PartitionPlan::Look& look : plan.reads) remember(look);
  const bool may_hold = MayHoldKeywords(partition);
  remembering_.may_hold_keywords.push_back(may_hold ? 1 : 0);
  return all && !may_hold;
}

void EventAnswers::AnswerRemembered(PartitionMemory& memory, Nominations& nominations) {
  const Partition& partition = *memory.partition;
  const PartitionPlan& plan = plan_->PlanFor(memory);
  nominations.Add(plan.slots);
  for (const PartitionPlan::Look& look : plan.looks) {
    const event::Value value = values_.ValueAt(look.member);
    ValueMemo::Entry* const entry = remembering_.entries[remembering_.next_entry++];
    if (entry != nullptr) {
      Use(*entry, look.field, value, nominations);
    } else {
      ForEachElementScalar(value, [&](event::Value scalar) {
        Search(partition, *look.engine, scalar, nominations);
      });
    }
  }
  remembering_.next_entry += plan.reads.size();
  if (remembering_.may_hold_keywords[remembering_.next_partition++] != 0) {
    AnswerKeywords(partition, nominations);
  }
}

void EventAnswers::Answer(PartitionMemory& memory, Nominations& nominations) {
  if (plan_ != nullptr) {
    AnswerPlanned(memory, nominations);
  } else {
    nominations.Add(memory.partition->always());
  }
  AnswerAdded(memory, nominations);
  if (MayHoldKeywords(*memory.partition)) AnswerKeywords(*memory.partition, nominations);
}

void EventAnswers::AnswerPlanned(PartitionMemory& memory, Nominations& nominations) {
  PartitionPlan& plan = plan_->PlanFor(memory);
  nominations.Add(plan.slots);
  const bool any_added = !values_.added().empty();
  for (PartitionPlan::Look& look : plan.looks) {
    if (any_added && values_.WasAdded(look.field)) continue;
    ForEachElementScalar(values_.ValueAt(look.member), [&](event::Value scalar) {
      LookAt(*memory.partition, look, scalar, nominations);
    });
  }
}

void EventAnswers::AnswerAdded(PartitionMemory& memory, Nominations& nominations) {
  for (const FieldValues::Found& found : values_.added()) {
    const Partition::Field* field = memory.partition->field(found.field);
    if (field == nullptr) continue;
    if (found.is_first) nominations.Add(field->when_present);
    if (!field->engine.AsksOfScalars()) continue;
    PartitionPlan::Look look{0, found.field, &field->engine, &MemoAt(memory.memos, found.field),
                             nullptr};
    ForEachElementScalar(found.value, [&](event::Value scalar) {
      LookAt(*memory.partition, look, scalar, nominations);
    });
  }
}

bool EventAnswers::MayHoldKeywords(const Partition& partition) const {
  return partition.keywords() != nullptr && partition.keyword_filter().MayHold(event_->strings());
}

void EventAnswers::AnswerKeywords(const Partition& partition, Nominations& nominations) {
  ForEachScalar(event_->root(), [&](event::Value leaf) {
    Search(partition, *partition.keywords(), leaf, nominations);
  });
}

void EventAnswers::FindOut(const Partition& partition, const FieldEngine& engine,
                           ScalarView& scalar, ValueMemo::Findings& findings) {
  engine.OnScalar(scalar, findings.atoms);
  for (const AtomId atom : findings.atoms) {
    const auto slots = partition.TriggeredBy(atom);
    findings.slots.insert(findings.slots.end(), slots.begin(), slots.end());
  }
}

/// Null if the value cannot be remembered, or is not worth it.
ValueMemo::Entry* EventAnswers::EntryOf(const Partition& partition, PartitionPlan::Look& look,
                                        event::Value scalar) {
  const std::optional<MemoKey> key = MemoKey::Of(scalar);
  if (!key) return nullptr;
  // Much of what events of one layout have is what the last one had.
  if (look.latest != nullptr && look.latest->IsOf(*key)) return look.latest;
  if (!look.memo->IsWorthAsking()) return nullptr;
  look.latest = &look.memo->Find(*key, [&](ValueMemo::Findings& findings) {
    if (look.engine == nullptr) return;
    scalar_.Reset(scalar, *event_);
    FindOut(partition, *look.engine, scalar_, findings);
  });
  return look.latest;
}

void EventAnswers::Use(ValueMemo::Entry& entry, FieldId field, event::Value scalar,
                       Nominations& nominations) {
  remembered_[field] = {pass_, scalar.tape(), scalar.index(), &entry};
  for (const AtomId atom : entry.atoms()) bits_.Set(atom);
  nominations.Add(entry.slots());
}

void EventAnswers::LookAt(const Partition& partition, PartitionPlan::Look& look,
                          event::Value scalar, Nominations& nominations) {
  ValueMemo::Entry* const entry = EntryOf(partition, look, scalar);
  if (entry == nullptr) return Search(partition, *look.engine, scalar, nominations);
  Use(*entry, look.field, scalar, nominations);
}

void EventAnswers::Search(const Partition& partition, const FieldEngine& engine,
                          event::Value scalar, Nominations& nominations) {
  holding_.clear();
  scalar_.Reset(scalar, *event_);
  engine.OnScalar(scalar_, holding_);
  for (const AtomId atom : holding_) {
    bits_.Set(atom);
    nominations.Add(partition.TriggeredBy(atom));
  }
}

bool EventAnswers::Holds(std::uint32_t program) {
  return rules_.programs.Evaluate(program, bits_,
                                  [this](std::uint32_t lazy) { return AnswerLazy(lazy); });
}

bool EventAnswers::AnswerLazy(std::uint32_t lazy) {
  if (lazy_known_[lazy] != pass_) {
    lazy_known_[lazy] = pass_;
    lazy_answers_[lazy] = AskLazy(lazy);
  }
  return lazy_answers_[lazy];
}

bool EventAnswers::AskLazy(std::uint32_t lazy) {
  bool holds = false;
  const FieldId field = rules_.lazy.FieldOf(lazy);
  if (field == FieldIndex::kNone) {
    ForEachScalar(event_->root(), [&](event::Value leaf) {
      holds = holds || rules_.lazy.HoldsFor(lazy, *event_, leaf);
    });
    return holds;
  }
  if (const FieldExists* existence = rules_.lazy.ExistenceOf(lazy)) {
    return values_.Has(field) == existence->expected;
  }
  if (!values_.Has(field)) return rules_.lazy.HoldsWhenMissing(lazy);
  values_.ForEach(field, [&](event::Value value) {
    ForEachElementScalar(
        value, [&](event::Value scalar) { holds = holds || AskScalar(lazy, field, scalar); });
  });
  return holds;
}

bool EventAnswers::AskScalar(std::uint32_t lazy, FieldId field, event::Value scalar) {
  if (const RelatesToField* relation = rules_.lazy.RelationOf(lazy)) {
    return AskRelation(*relation, rules_.lazy.OtherFieldOf(lazy), scalar);
  }
  const auto ask = [&] { return rules_.lazy.HoldsFor(lazy, *event_, scalar); };
  const Remembered& remembered = remembered_[field];
  if (remembered.pass == pass_ && remembered.tape == scalar.tape() &&
      remembered.index == scalar.index()) {
    return remembered.entry->LazyAnswer(lazy, ask);
  }
  const std::optional<MemoKey> key = MemoKey::Of(scalar);
  if (!key) return ask();
  const auto no_findings = [](ValueMemo::Findings&) {};
  return MemoAt(lazy_memos_, field).Find(*key, no_findings).LazyAnswer(lazy, ask);
}

bool EventAnswers::AskRelation(const RelatesToField& relation, FieldId other,
                               event::Value scalar) const {
  const auto text = TextOf(*event_, scalar);
  if (!text) return false;
  bool holds = false;
  values_.ForEach(other, [&](event::Value value) {
    ForEachElementScalar(value, [&](event::Value other_scalar) {
      const auto other_text = TextOf(*event_, other_scalar);
      holds = holds || (other_text && RelationHolds(relation, *text, *other_text));
    });
  });
  return holds;
}

}  // namespace auditflow::match
