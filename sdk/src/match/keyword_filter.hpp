#pragma once

#include <span>
#include <string>
#include <string_view>

#include "auditflow/event/event.hpp"

#include "src/match/atom_table.hpp"
#include "src/match/needle_table.hpp"

namespace auditflow::match {

/// All strings of the event at hand in one piece with ASCII letters folded, made when first asked
/// for.
///
/// Thread safety: thread-compatible.
class FoldedStrings {
 public:
  void Reset(const event::Event& event) {
    event_ = &event;
    is_made_ = false;
  }
  [[nodiscard]] std::string_view text() {
    if (!is_made_) Make();
    return {folded_.data(), size_};
  }
  /// Whether a letter beyond ASCII folds to one of ASCII, so that `text` may lack what the event
  /// holds.
  [[nodiscard]] bool is_incomplete() {
    if (!is_made_) Make();
    return is_incomplete_;
  }

 private:
  void Make();

  const event::Event* event_ = nullptr;
  std::string folded_;  ///< never shrinks
  std::size_t size_ = 0;
  bool is_made_ = false;
  bool is_incomplete_ = false;
};

/// Tells at one look at all strings of an event that none of some keywords is in it: ordinary
/// events hold none, and looking at each leaf on its own costs far more.
///
/// Thread safety: immutable after construction.
class KeywordFilter {
 public:
  /// Rules no event out.
  KeywordFilter() = default;
  /// `keywords`: atoms without a field.
  KeywordFilter(std::span<const AtomId> keywords, const AtomTable& atoms);

  /// False only if none of the keywords holds for the event.
  [[nodiscard]] bool MayHold(FoldedStrings& strings) const;

 private:
  bool is_useful_ = false;
  NeedleTable table_;
};

}  // namespace auditflow::match
