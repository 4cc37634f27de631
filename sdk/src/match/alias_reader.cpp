#include "src/match/alias_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "src/match/field_text.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

/// Calls `visit(Value)` for what a field's value stands for: itself, or the elements of its arrays.
/// `visit` returns false to stop. @return false if it was stopped.
template <class Visit>
bool ForEachElement(event::Value value, Visit&& visit) {
  if (!value.is_array()) return visit(value);
  bool goes_on = true;
  value.ForEachElement([&](event::Value element) {
    goes_on = ForEachElement(element, visit);
    return goes_on;
  });
  return goes_on;
}

}  // namespace

std::optional<event::Value> FirstScalar(const FieldValues& values, FieldId field) {
  std::optional<event::Value> first;
  values.ForEach(field, [&](event::Value value) {
    ForEachElement(value, [&](event::Value element) {
      const bool is_wanted = element.is_scalar() && !element.is_null();
      if (is_wanted) first = element;
      return !is_wanted;
    });
  });
  return first;
}

void AliasReader::Read(const FieldMapper::Alias& alias, const FieldValues::Found& found) {
  if (alias.text == nullptr && alias.values == nullptr) return Take(alias, found.value);
  if (!found.is_first) return;  // the others are read with it
  if (alias.text != nullptr) return TakeText(alias);
  TakeMeanings(alias, found.field);
}

void AliasReader::TakeMeanings(const FieldMapper::Alias& alias, FieldId source) {
  source_values_.clear();
  values_->ForEach(source, [&](event::Value value) { source_values_.push_back(value); });
  std::reverse(source_values_.begin(), source_values_.end());
  std::size_t elements = 0;
  const bool few =
      std::all_of(source_values_.begin(), source_values_.end(), [&](event::Value value) {
        return ForEachElement(value, [&](event::Value) { return ++elements <= kMostTranslated; });
      });
  for (const event::Value value : source_values_) {
    if (!few || elements == 0) {
      Take(alias, value);
      continue;
    }
    ForEachElement(value, [&](event::Value element) {
      Take(alias, alias.values->Of(*event_, element, scratch_));
      return true;
    });
  }
}

void AliasReader::TakeText(const FieldMapper::Alias& alias) {
  const FieldTextPlan& plan = *alias.text;
  // As `event::TextAt` finds it.
  const auto text_of = [&](std::size_t part) {
    const auto value = FirstScalar(*values_, plan.fields[part]);
    return value ? TextOf(*event_, *value) : std::nullopt;
  };
  if (!MakeFieldText(plan.text, text_of, scratch_)) return;
  const event::Value text = texts_.Add(scratch_);
  Take(alias, alias.values == nullptr ? text : alias.values->Of(*event_, text, scratch_));
}

bool AliasReader::AddTo(FieldValues& values) {
  std::stable_sort(read_.begin(), read_.end(), [](const ReadValue& a, const ReadValue& b) {
    return std::tie(a.field, a.rank) < std::tie(b.field, b.rank);
  });
  bool replaces = false;
  const ReadValue* best = nullptr;
  for (const ReadValue& read : read_) {
    if (best == nullptr || best->field != read.field) {
      best = &read;
      if (values.Has(read.field)) {
        values.Remove(read.field);
        replaces = true;
      }
    }
    if (read.rank == best->rank) values.Add(read.field, read.value);
  }
  return replaces;
}

}  // namespace auditflow::match
