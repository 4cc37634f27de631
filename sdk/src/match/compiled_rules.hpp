#pragma once

#include <memory>
#include <vector>

#include "auditflow/match/rule_set.hpp"

#include "src/match/atom_table.hpp"
#include "src/match/field_index.hpp"
#include "src/match/lazy_tests.hpp"
#include "src/match/partition.hpp"
#include "src/match/rule_program.hpp"

namespace auditflow::match {

/// What a `RuleSet` holds: everything that matching needs, in the order in which an event passes
/// through it.
///
/// Thread safety: immutable once built.
struct CompiledRules {
  struct Rule {
    RuleIndex index = 0;
    std::uint32_t program = 0;
  };

  FieldIndex fields;  ///< which keys of an event matter
  std::vector<Partition>
      partitions;           ///< what the fields' values answer, and which rules that concerns
  RulePrograms programs;    ///< what the answers mean to a rule
  LazyTests lazy;           ///< the answers that a program has to ask for
  std::vector<Rule> rules;  ///< by slot, in the order of their indices
  AtomTable atoms;
};

}  // namespace auditflow::match
