#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/match/expression.hpp"
#include "src/match/string_index.hpp"

namespace auditflow::match {

/// A distinct atom's number within one rule set.
using AtomId = std::uint32_t;

/// The atoms of all rules, each once however many rules ask it: rules share most of their
/// questions.
class AtomTable {
 public:
  AtomId Intern(const Atom& atom);

  [[nodiscard]] std::size_t size() const { return atoms_.size(); }
  [[nodiscard]] const Atom& operator[](AtomId id) const { return atoms_[id]; }
  /// How often the atom was interned.
  [[nodiscard]] std::uint32_t uses(AtomId id) const { return uses_[id]; }

 private:
  StringIndex keys_;
  std::vector<Atom> atoms_;
  std::vector<std::uint32_t> uses_;
};

}  // namespace auditflow::match
