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
      lazy_memos_(rules.fields.size()),
      lazy_known_(rules.lazy.size(), 0),
      lazy_answers_(rules.lazy.size(), false) {}

void EventAnswers::Begin(const event::Event& event) {
  ++pass_;
  event_ = &event;
  bits_.Reset();
  strings_.Reset(event);
  values_.Begin(pass_);
  walk_.Visit(event, [this](FieldId field, event::Value value) { values_.Add(field, value); });
}

void EventAnswers::AddMapped() {
  if (aliases_.empty()) return;
  ++pass_;  // what a field was asked before it had its values holds no longer
  if (aliases_.AddTo(values_)) bits_.Reset();
}

void EventAnswers::Answer(const Partition& partition, FieldMemos& memos) {
  memos.resize(rules_.fields.size());
  for (const FieldValues::Found& found : values_.all()) {
    const FieldEngine* engine = partition.engine(found.field);
    if (engine == nullptr) continue;
    if (found.is_first) engine->OnPresent(bits_);
    if (!engine->AsksOfScalars()) continue;
    ForEachElementScalar(found.value,
                         [&](event::Value scalar) { Look(*engine, memos[found.field], scalar); });
  }
  const FieldEngine* const keywords = partition.keywords();
  if (keywords != nullptr && partition.keyword_filter().MayHold(strings_)) {
    ForEachScalar(event_->root(), [&](event::Value leaf) { Search(*keywords, leaf); });
  }
}

void EventAnswers::Look(const FieldEngine& engine, std::unique_ptr<ValueMemo>& memo,
                        event::Value scalar) {
  if (!IsMemorable(scalar) || !MemoAt(memo).IsWorthAsking()) return Search(engine, scalar);
  const auto answer = [&](std::vector<AtomId>& found) {
    scalar_.Reset(scalar, *event_);
    engine.OnScalar(scalar_, found);
  };
  Apply(memo->Find(scalar.string_value(), answer).atoms);
}

void EventAnswers::Search(const FieldEngine& engine, event::Value scalar) {
  holding_.clear();
  scalar_.Reset(scalar, *event_);
  engine.OnScalar(scalar_, holding_);
  Apply(holding_);
}

void EventAnswers::Apply(std::span<const AtomId> holding) {
  for (const AtomId atom : holding) bits_.Set(atom);
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
    ForEachElementScalar(value, [&](event::Value scalar) {
      holds = holds || AskScalar(lazy, lazy_memos_[field], scalar);
    });
  });
  return holds;
}

bool EventAnswers::AskScalar(std::uint32_t lazy, std::unique_ptr<ValueMemo>& memo,
                             event::Value scalar) const {
  if (const RelatesToField* relation = rules_.lazy.RelationOf(lazy)) {
    return AskRelation(*relation, rules_.lazy.OtherFieldOf(lazy), scalar);
  }
  const auto ask = [&] { return rules_.lazy.HoldsFor(lazy, *event_, scalar); };
  if (!IsMemorable(scalar)) return ask();
  const auto no_atoms = [](std::vector<AtomId>&) {};
  return RememberedAnswer(MemoAt(memo).Find(scalar.string_value(), no_atoms), lazy, ask);
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
