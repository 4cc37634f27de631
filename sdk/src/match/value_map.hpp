#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"

namespace auditflow::match {

/// What the values of a field mean, by their text without regard to letter case.
///
/// Thread safety: immutable once built.
class ValueMap {
 public:
  /// Value → meaning.
  explicit ValueMap(const std::vector<std::pair<std::string, std::string>>& values);

  /// The meaning of a scalar of `event`, as a string that lives as long as this; any other value as
  /// it is.
  [[nodiscard]] event::Value Of(const event::Event& event, event::Value value) const;

 private:
  event::Event meanings_;
  std::vector<std::pair<std::string, event::Value>> by_text_;  ///< folded; few
};

}  // namespace auditflow::match
