#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/string_values.hpp"

namespace auditflow::match {

/// A field with more scalars than this keeps them as they are: what an event may cost is bounded.
inline constexpr std::size_t kMostTranslated = 1'000;

/// What the values of a field mean, by their text without regard to letter case.
///
/// Thread safety: immutable once built.
class ValueMap {
 public:
  /// Value → meaning.
  explicit ValueMap(const std::vector<std::pair<std::string, std::string>>& values);

  /// The meaning of a scalar of `event`, as a string that lives as long as this; any other value as
  /// it is. `scratch` is overwritten.
  [[nodiscard]] event::Value Of(const event::Event& event, event::Value value,
                                std::string& scratch) const;

 private:
  StringValues meanings_;
  std::vector<std::pair<std::string, event::Value>> by_text_;  ///< folded; few
  std::size_t longest_ = 0;                                    ///< of the folded texts, in bytes
};

}  // namespace auditflow::match
