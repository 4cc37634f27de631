#include "src/match/event_answers.hpp"

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

bool IsMemorable(event::Value value) {
  return value.is_string() && value.string_value().size() <= ValueMemo::kLongest;
}

ValueMemo& MemoAt(std::unique_ptr<ValueMemo>& memo) {
  if (!memo) memo = std::make_unique<ValueMemo>();
  return *memo;
}

}  // namespace

EventAnswers::EventAnswers(const CompiledRules& rules)
    : rules_(rules),
      walk_(rules.fields),
      values_(rules.fields.size()),
      bits_(rules.atoms),
      remembered_(rules.fields.size()),
      lazy_memos_(rules.fields.size()),
      lazy_known_(rules.lazy.size(), 0),
      lazy_answers_(rules.lazy.size(), false) {}

void EventAnswers::Begin(const event::Event& event) {
  ++pass_;
  event_ = &event;
  bits_.Reset();
  values_.Begin(pass_);
  walk_.Visit(event, [this](FieldId field, event::Value value) { values_.Add(field, value); });
}

void EventAnswers::AddMapped() {
  if (aliases_.empty()) return;
  ++pass_;  // what a field was asked before it had its values holds no longer
  if (aliases_.AddTo(values_)) bits_.Reset();
}

void EventAnswers::Answer(const Partition& partition, FieldMemos& memos, Nominations& nominations) {
  nominations.Add(partition.always());
  if (memos.empty()) memos.resize(rules_.fields.size());
  for (const FieldValues::Found& found : values_.all()) {
    const Partition::Field* field = partition.field(found.field);
    if (field == nullptr) continue;
    if (found.is_first) {
      field->engine.OnPresent(bits_);
      nominations.Add(field->when_present);
    }
    if (!field->engine.AsksOfScalars()) continue;
    ForEachElementScalar(found.value, [&](event::Value scalar) {
      Look(partition, field->engine, memos[found.field], remembered_[found.field], scalar,
           nominations);
    });
  }
  const FieldEngine* const keywords = partition.keywords();
  if (keywords != nullptr && partition.keyword_filter().MayHold(event_->strings())) {
    ForEachScalar(event_->root(),
                  [&](event::Value leaf) { Search(partition, *keywords, leaf, nominations); });
  }
}

void EventAnswers::Look(const Partition& partition, const FieldEngine& engine,
                        std::unique_ptr<ValueMemo>& memo, Remembered& remembered,
                        event::Value scalar, Nominations& nominations) {
  if (!IsMemorable(scalar) || !MemoAt(memo).IsWorthAsking()) {
    return Search(partition, engine, scalar, nominations);
  }
  ValueMemo::Entry& entry = memo->Find(scalar.string_value(), [&](ValueMemo::Entry& empty) {
    scalar_.Reset(scalar, *event_);
    engine.OnScalar(scalar_, empty.atoms);
    for (const AtomId atom : empty.atoms) {
      const auto slots = partition.TriggeredBy(atom);
      empty.slots.insert(empty.slots.end(), slots.begin(), slots.end());
    }
  });
  remembered = {pass_, scalar.tape(), scalar.index(), &entry};
  for (const AtomId atom : entry.atoms) bits_.Set(atom);
  nominations.Add(entry.slots);
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
    return RememberedAnswer(*remembered.entry, lazy, ask);
  }
  if (!IsMemorable(scalar)) return ask();
  const auto no_atoms = [](ValueMemo::Entry&) {};
  return RememberedAnswer(MemoAt(lazy_memos_[field]).Find(scalar.string_value(), no_atoms), lazy,
                          ask);
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
