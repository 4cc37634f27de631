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
  explicit FieldValues(std::size_t fields) : first_(fields) {}

  /// `pass` numbers events from 1. @return whether it is the field's first value in this pass.
  bool Add(std::uint64_t pass, FieldId field, event::Value value) {
    if (pass != pass_) {
      pass_ = pass;
      found_.clear();
    }
    First& first = first_[field];
    const bool is_first = first.pass != pass;
    found_.push_back({value, is_first ? kEnd : first.at});
    first = {pass, static_cast<std::uint32_t>(found_.size() - 1)};
    return is_first;
  }

  /// Calls `visit(Value)` for each of the field's values.
  template <class Visit>
  void ForEach(std::uint64_t pass, FieldId field, Visit&& visit) const {
    if (first_[field].pass != pass) return;
    for (std::uint32_t at = first_[field].at; at != kEnd; at = found_[at].next) {
      visit(found_[at].value);
    }
  }

 private:
  static constexpr std::uint32_t kEnd = 0xFFFFFFFFU;
  struct First {
    std::uint64_t pass = 0;
    std::uint32_t at = 0;
  };
  struct Found {
    event::Value value;
    std::uint32_t next = kEnd;
  };

  std::uint64_t pass_ = 0;
  std::vector<First> first_;  ///< by field
  std::vector<Found> found_;
};

}  // namespace auditflow::match
