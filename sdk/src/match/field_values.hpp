#pragma once

#include <cstdint>
#include <vector>

#include "auditflow/event/value.hpp"

#include "src/match/field_index.hpp"

namespace auditflow::match {

/// Where the fields of the event at hand were found: one value each as a rule, several below
/// arrays.
///
/// Thread safety: thread-compatible.
class FieldValues {
 public:
  struct Found {
    FieldId field = 0;
    event::Value value;
    bool is_first = false;       ///< of its field
    std::uint32_t previous = 0;  ///< the field's value before this one, if it is not the first
  };

  explicit FieldValues(std::size_t fields) : last_(fields) {}

  /// Forgets the event before. `pass` numbers events from 1.
  void Begin(std::uint64_t pass) {
    pass_ = pass;
    found_.clear();
  }

  void Add(FieldId field, event::Value value) {
    Last& last = last_[field];
    const bool is_first = last.pass != pass_;
    found_.push_back({field, value, is_first, last.at});
    last = {pass_, static_cast<std::uint32_t>(found_.size() - 1)};
  }

  /// Takes away the field's values.
  void Remove(FieldId field) {
    std::erase_if(found_, [field](const Found& found) { return found.field == field; });
    last_[field].pass = 0;
    for (std::uint32_t at = 0; at < found_.size(); ++at) {
      Found& found = found_[at];
      if (!found.is_first) found.previous = last_[found.field].at;
      last_[found.field].at = at;
    }
  }

  [[nodiscard]] bool Has(FieldId field) const { return last_[field].pass == pass_; }

  /// In the order in which they were added.
  [[nodiscard]] const std::vector<Found>& all() const { return found_; }

  /// Calls `visit(Value)` for each of the field's values, the last one first.
  template <class Visit>
  void ForEach(FieldId field, Visit&& visit) const {
    if (!Has(field)) return;
    for (std::uint32_t at = last_[field].at;; at = found_[at].previous) {
      visit(found_[at].value);
      if (found_[at].is_first) return;
    }
  }

 private:
  struct Last {
    std::uint64_t pass = 0;
    std::uint32_t at = 0;
  };

  std::uint64_t pass_ = 0;
  std::vector<Last> last_;  ///< by field
  std::vector<Found> found_;
};

}  // namespace auditflow::match
