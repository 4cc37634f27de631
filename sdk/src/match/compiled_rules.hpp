#pragma once

#include <memory>
#include <vector>

#include "auditflow/match/rule_set.hpp"

#include "src/match/atom_table.hpp"
#include "src/match/field_index.hpp"
#include "src/match/field_mapper.hpp"
#include "src/match/lazy_tests.hpp"
#include "src/match/partition.hpp"
#include "src/match/router.hpp"
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
    std::uint32_t partition = 0;
  };

  FieldIndex fields;  ///< which keys of an event matter
  /// Which partitions apply to an event: null without a logsource map, then there is one partition.
  std::unique_ptr<const Router> router;
  std::unique_ptr<const Partition> routing;  ///< the engines of the logsource map's own documents
  FieldMapper mapper;                 ///< under which other names the event's fields are known
  std::vector<Partition> partitions;  ///< what the values answer, and which rules that concerns
  RulePrograms programs;              ///< what the answers mean to a rule
  LazyTests lazy;                     ///< the answers that a program has to ask for
  std::vector<Rule> rules;            ///< by slot, in the order of their indices
  AtomTable atoms;
};

}  // namespace auditflow::match
