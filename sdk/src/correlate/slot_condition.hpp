#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace auditflow::correlate {

/// A boolean condition over the rules of a temporal correlation, its names read as slot numbers.
///
/// Thread safety: immutable.
class SlotCondition {
 public:
  /// Names that are no slot below `slots` stand for a rule that never matches.
  SlotCondition(const sigma::Condition& condition, std::uint32_t slots);

  [[nodiscard]] bool Holds(const std::function<bool(std::uint32_t)>& seen) const {
    return Holds(root_, seen);
  }
  /// Slots that are named outside of any `not`, ascending: those whose order can matter.
  [[nodiscard]] const std::vector<std::uint32_t>& positive() const { return positive_; }

 private:
  struct Term {
    enum class Kind : std::uint8_t { kNever, kSlot, kNot, kAtLeast };
    Kind kind = Kind::kNever;
    std::uint32_t slot = 0;
    std::size_t quantity = 0;  // kAtLeast: of the children
    std::vector<Term> children;
  };

  static Term Compile(const sigma::Condition& condition, std::uint32_t slots);
  static Term CompileSelector(const sigma::Condition& condition, std::uint32_t slots);
  static bool Holds(const Term& term, const std::function<bool(std::uint32_t)>& seen);
  static void CollectPositive(const Term& term, std::vector<std::uint32_t>& slots);

  Term root_;
  std::vector<std::uint32_t> positive_;
};

}  // namespace auditflow::correlate
