#include "src/match/explain_values.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "src/match/lower_item.hpp"
#include "src/match/naive_evaluator.hpp"
#include "src/match/scalar_test.hpp"
#include "src/match/value_chain.hpp"

namespace auditflow::match {
namespace {

using event::Value;

/// One value in the place of everything that the field holds; other fields are as they are.
class OnlyValue final : public FieldReader {
 public:
  OnlyValue(const FieldReader& others, std::string_view field, Value value)
      : others_(others), field_(field), value_(value) {}

  bool ForEach(const event::Event& event, std::string_view field,
               const Visitor& visit) const override {
    if (field != field_) return others_.ForEach(event, field, visit);
    visit(value_);
    return true;
  }

 private:
  const FieldReader& others_;
  std::string_view field_;
  Value value_;
};

/// A hostile event may give a field any number of values; which one holds is looked for among the
/// first.
constexpr std::size_t kMostAsked = 10'000;

/// Calls `visit(path, Value)` for every scalar below `value`, until it returns true.
bool FindLeaf(Value value, const std::string& path,
              const std::function<bool(const std::string&, Value)>& visit) {
  bool found = false;
  if (value.is_object()) {
    value.ForEachMember([&](std::string_view key, Value member) {
      found = FindLeaf(member, (path.empty() ? path : path + '.') + std::string(key), visit);
      return !found;
    });
  } else if (value.is_array()) {
    value.ForEachElement([&](Value element) {
      found = FindLeaf(element, path, visit);
      return !found;
    });
  } else {
    found = visit(path, value);
  }
  return found;
}

std::string RuleText(const sigma::Node& value) {
  return value.kind == sigma::Node::Kind::kNull && value.text.empty() ? "null" : value.text;
}

}  // namespace

std::string Clip(std::string_view text, std::size_t most) {
  if (text.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  return std::string(text);
}

ExplainedItem ItemExplainer::Explain(const sigma::DetectionItem& item) const {
  ExplainedItem explained;
  explained.field = item.field;
  explained.modifiers = item.modifiers;
  if (!item.field.empty()) AddEventValues(explained);
  AddValues(item, explained);
  return explained;
}

void ItemExplainer::AddEventValues(ExplainedItem& to) const {
  to.event_fields = fields_.NamesIn(event_, to.field);
  to.other_names = fields_.OtherNames(to.field);
  fields_.ForEachNamed(event_, to.field, [&](const std::string& name, Value value, Value meaning) {
    if (++to.event_value_count > options_.max_event_values) return;
    to.event_values.push_back(Describe(name, value, meaning));
  });
}

/// Of which at most `max_text_bytes` are named.
std::string ItemExplainer::TextIn(Value value) const {
  if (const auto scalar = TextOf(event_, value)) return std::string(*scalar);
  return value.is_object() ? "{…}" : "null";
}

ExplainedEventValue ItemExplainer::Describe(const std::string& name, Value value,
                                            Value meaning) const {
  const std::string text = TextIn(value);
  ExplainedEventValue described;
  described.field = Clip(name, options_.max_text_bytes);
  described.text = Clip(text, options_.max_text_bytes);
  described.bytes = text.size();
  described.type = value.type();
  if (meaning.tape() != value.tape()) {
    described.meaning = Clip(TextIn(meaning), options_.max_text_bytes);
  }
  return described;
}

/// Asks about one value of the event at a time.
std::optional<ExplainedEventValue> ItemExplainer::HoldsBy(const Expression& meaning,
                                                          const std::string& field) const {
  std::optional<ExplainedEventValue> by;
  std::size_t asked = 0;
  const auto ask = [&](const std::string& name, Value value, Value seen) {
    if (by || ++asked > kMostAsked) return true;
    if (EvaluateNaively(meaning, event_, OnlyValue(fields_, field, seen))) {
      by = Describe(name, value, seen);
    }
    return by.has_value();
  };
  if (field.empty()) {
    FindLeaf(event_.root(), "",
             [&](const std::string& path, Value leaf) { return ask(path, leaf, leaf); });
  } else {
    fields_.ForEachNamed(event_, field, ask);
  }
  return by;
}

void ItemExplainer::AddValues(const sigma::DetectionItem& item, ExplainedItem& to) const {
  to.value_count = item.values.size();
  std::vector<Numbered> holding;
  std::vector<Numbered> failing;
  sigma::DetectionItem alone{item.field, item.modifiers, {}, false, item.location};
  std::erase_if(alone.modifiers, IsAboutTheWhole);
  for (std::size_t i = 0; i < item.values.size(); ++i) {
    alone.values = {item.values[i]};
    const auto meaning = LowerItem(alone, compile_);
    if (!meaning) continue;
    const bool holds = EvaluateNaively(*meaning, event_, fields_);
    to.holding_values += holds ? 1 : 0;
    std::vector<Numbered>& alike = holds ? holding : failing;
    if (alike.size() >= options_.max_values) continue;
    alike.push_back({i, Describe(item.values[i], holds)});
    if (holds) alike.back().value.by = HoldsBy(*meaning, item.field);
  }
  Choose(Has(item, sigma::Modifier::kAll), std::move(holding), std::move(failing), to);
}

/// Of those that hold and those that do not as many as may be named, what decides among them.
void ItemExplainer::Choose(bool all, std::vector<Numbered> holding, std::vector<Numbered> failing,
                           ExplainedItem& to) const {
  std::vector<Numbered>& first = all ? failing : holding;
  std::vector<Numbered>& second = all ? holding : failing;
  const std::optional<std::size_t> decisive =
      first.empty() ? std::nullopt : std::optional(first.front().number);
  std::vector<Numbered> chosen = std::move(first);
  const std::size_t room = options_.max_values - std::min(options_.max_values, chosen.size());
  second.resize(std::min(second.size(), room));
  std::move(second.begin(), second.end(), std::back_inserter(chosen));
  std::sort(chosen.begin(), chosen.end(),
            [](const Numbered& a, const Numbered& b) { return a.number < b.number; });
  for (Numbered& numbered : chosen) {
    if (numbered.number == decisive) to.decisive = to.values.size();
    to.values.push_back(std::move(numbered.value));
  }
}

ExplainedValue ItemExplainer::Describe(const sigma::Node& value, bool holds) const {
  return {Clip(RuleText(value), options_.max_text_bytes), holds, value.location, std::nullopt};
}

}  // namespace auditflow::match
