#pragma once

#include <span>
#include <string_view>

#include "src/match/atom_table.hpp"
#include "src/match/gram_scan.hpp"
#include "src/match/shuffle_scan.hpp"

namespace auditflow::match {

/// Tells at one look at all strings of an event that none of some keywords is in it: ordinary
/// events hold none, and looking at each leaf on its own costs far more.
///
/// Thread safety: immutable after construction.
class KeywordFilter {
 public:
  /// Rules no event out.
  KeywordFilter() = default;
  /// `keywords`: atoms without a field.
  KeywordFilter(std::span<const AtomId> keywords, const AtomTable& atoms,
                const LiteralCounts& counts);

  /// False only if none of the keywords holds for an event with these strings (`Event::strings`).
  [[nodiscard]] bool MayHold(std::string_view strings) const;

 private:
  bool is_useful_ = false;
  ShuffleScan shuffle_scan_;
  GramScan<std::uint32_t> gram_scan_;  ///< where the other is not possible
};

}  // namespace auditflow::match
