#include "src/match/atom_question.hpp"

#include <functional>
#include <string_view>

#include "src/match/pattern.hpp"
#include "src/match/regex.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

using event::Value;

/// Every scalar below `value`, itself included.
void ForEachLeaf(Value value, const std::function<void(Value)>& visit) {
  if (value.is_object()) {
    value.ForEachMember([&](std::string_view, Value member) { ForEachLeaf(member, visit); });
  } else if (value.is_array()) {
    value.ForEachElement([&](Value element) { ForEachLeaf(element, visit); });
  } else {
    visit(value);
  }
}

/// Asks one atom of one scalar at a time.
class Question {
 public:
  Question(const Atom& atom, const re2::RE2* regex, const event::Event& event,
           const FieldReader& fields)
      : atom_(atom), regex_(regex), event_(event), fields_(fields) {}

  [[nodiscard]] bool Holds() const {
    if (const auto* exists = std::get_if<FieldExists>(&atom_.test)) {
      return ForEachScalar([](Value) {}) == exists->expected;
    }
    bool holds = false;
    const bool present = ForEachScalar([&](Value value) { holds = holds || HoldsFor(value); });
    return holds || (!present && std::holds_alternative<IsNull>(atom_.test));
  }

  [[nodiscard]] bool HoldsFor(Value value) const {
    return std::visit([&](const auto& test) { return Ask(test, value); }, atom_.test);
  }

 private:
  bool ForEachScalar(const std::function<void(Value)>& visit) const {
    return fields_.ForEach(event_, atom_.field, visit);
  }

  bool Ask(const MatchesPattern& test, Value value) const {
    const auto text = TextOf(event_, value);
    return text && FitsPattern(test.pattern, *text);
  }
  bool Ask(const MatchesRegex& /*test*/, Value value) const {
    const auto text = TextOf(event_, value);
    return text && regex_ != nullptr && FindsRegex(*regex_, *text);
  }
  bool Ask(const EqualsNumber& test, Value value) const {
    const auto number = NumberOf(value);
    return number && Compare(sigma::Comparison::kEq, *number, test.number);
  }
  bool Ask(const EqualsBool& test, Value value) const { return EqualsBoolean(value, test.value); }
  bool Ask(const IsNull& /*test*/, Value value) const { return value.is_null(); }
  bool Ask(const FieldExists& test, Value /*value*/) const { return test.expected; }
  bool Ask(const ComparesNumber& test, Value value) const {
    const auto number = NumberOf(value);
    return number && Compare(test.comparison, *number, test.number);
  }
  bool Ask(const ComparesDatePart& test, Value value) const { return DatePartHolds(test, value); }
  bool Ask(const InNetwork& test, Value value) const {
    if (!value.is_string()) return false;
    const auto address = ParseAddress(value.string_value());
    return address && Contains(test, *address);
  }
  bool Ask(const RelatesToField& test, Value value) const {
    const auto text = TextOf(event_, value);
    if (!text) return false;
    bool holds = false;
    fields_.ForEach(event_, test.other_field, [&](Value other) {
      const auto other_text = TextOf(event_, other);
      holds = holds || (other_text && RelationHolds(test, *text, *other_text));
    });
    return holds;
  }

  const Atom& atom_;
  const re2::RE2* regex_;
  const event::Event& event_;
  const FieldReader& fields_;
};

const FieldReader& AsNamed() {
  static const FieldReader fields;
  return fields;
}

}  // namespace

bool FieldReader::ForEach(const event::Event& event, std::string_view field,
                          const Visitor& visit) const {
  if (!field.empty()) return event::ForEachAt(event, field, visit);
  ForEachLeaf(event.root(), visit);
  return true;
}

bool AtomHolds(const Atom& atom, const re2::RE2* regex, const event::Event& event) {
  return AtomHolds(atom, regex, event, AsNamed());
}

bool AtomHolds(const Atom& atom, const re2::RE2* regex, const event::Event& event,
               const FieldReader& fields) {
  return Question(atom, regex, event, fields).Holds();
}

bool ScalarHolds(const Atom& atom, const re2::RE2* regex, const event::Event& event,
                 event::Value scalar) {
  return Question(atom, regex, event, AsNamed()).HoldsFor(scalar);
}

}  // namespace auditflow::match
