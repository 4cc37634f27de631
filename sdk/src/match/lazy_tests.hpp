#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/atom_table.hpp"

namespace re2 {
class RE2;
}

namespace auditflow::match {

/// The atoms that are too dear to answer for every event: globs, regular expressions, comparisons,
/// networks, dates, and relations between fields. Each is answered when a rule's program asks, by
/// looking its field up in the event.
///
/// Thread safety: immutable after construction.
class LazyTests {
 public:
  static constexpr std::uint32_t kEager = 0xFFFFFFFFU;

  LazyTests() = default;
  /// Numbers the lazy atoms of the table from 0.
  explicit LazyTests(const AtomTable& atoms);

  [[nodiscard]] std::uint32_t NumberOf(AtomId atom) const { return numbers_[atom]; }
  [[nodiscard]] std::size_t size() const { return tests_.size(); }

  [[nodiscard]] bool Holds(std::uint32_t number, const event::Event& event) const;

 private:
  struct Prepared {
    Atom atom;
    std::shared_ptr<const re2::RE2> regex;  ///< MatchesRegex only
  };
  std::vector<std::uint32_t> numbers_;  ///< by atom
  std::vector<Prepared> tests_;
};

}  // namespace auditflow::match
