#include "src/correlate/slot_condition.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace auditflow::correlate {
namespace {

std::optional<std::uint32_t> SlotNumber(std::string_view name, std::uint32_t slots) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number >= slots) return {};
  return number;
}

}  // namespace

SlotCondition::SlotCondition(const sigma::Condition& condition, std::uint32_t slots)
    : root_(Compile(condition, slots)) {
  CollectPositive(root_, positive_);
  std::sort(positive_.begin(), positive_.end());
  positive_.erase(std::unique(positive_.begin(), positive_.end()), positive_.end());
}

SlotCondition::Term SlotCondition::Compile(const sigma::Condition& condition, std::uint32_t slots) {
  using Kind = sigma::Condition::Kind;
  Term term;
  if (condition.kind == Kind::kSelector) return CompileSelector(condition, slots);
  if (condition.kind == Kind::kIdentifier) {
    const auto slot = SlotNumber(condition.name, slots);
    if (slot) term = {Term::Kind::kSlot, *slot, 0, {}};
    return term;
  }
  for (const auto& child : condition.children) term.children.push_back(Compile(child, slots));
  if (term.children.empty()) return term;
  term.kind = condition.kind == Kind::kNot ? Term::Kind::kNot : Term::Kind::kAtLeast;
  term.quantity = condition.kind == Kind::kAnd ? term.children.size() : 1;
  return term;
}

SlotCondition::Term SlotCondition::CompileSelector(const sigma::Condition& condition,
                                                   std::uint32_t slots) {
  Term term;
  term.kind = Term::Kind::kAtLeast;
  for (const auto& child : condition.children) term.children.push_back(Compile(child, slots));
  if (term.children.empty() && condition.name == "them") {
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      term.children.push_back({Term::Kind::kSlot, slot, 0, {}});
    }
  }
  if (term.children.empty()) return {};
  term.quantity = condition.quantity == 0 ? term.children.size() : condition.quantity;
  return term;
}

bool SlotCondition::Holds(const Term& term, const std::function<bool(std::uint32_t)>& seen) {
  switch (term.kind) {
    case Term::Kind::kNever:
      return false;
    case Term::Kind::kSlot:
      return seen(term.slot);
    case Term::Kind::kNot:
      return !Holds(term.children.front(), seen);
    case Term::Kind::kAtLeast:
      break;
  }
  std::size_t held = 0;
  for (const Term& child : term.children) {
    if (Holds(child, seen) && ++held >= term.quantity) return true;
  }
  return false;
}

void SlotCondition::CollectPositive(const Term& term, std::vector<std::uint32_t>& slots) {
  if (term.kind == Term::Kind::kNot) return;
  if (term.kind == Term::Kind::kSlot) slots.push_back(term.slot);
  for (const Term& child : term.children) CollectPositive(child, slots);
}

}  // namespace auditflow::correlate
