#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "auditflow/alert/alert.hpp"

namespace auditflow::alert {

/// A text member of `Alert`: where it stands on the wire and how wide its column is.
struct TextField {
  std::string_view object;  ///< the member of the alert that it is in; empty: the alert itself
  std::string_view name;
  std::size_t width;  ///< code points; 0: no limit
  bool required;
  const std::string& (*get)(const Alert&);
  std::string& (*get_mutable)(Alert&);

  /// "analysis_rule.rule_id"
  [[nodiscard]] std::string path() const;
};

/// All of them, in the order of the wire.
std::span<const TextField> TextFields();

/// The part of `Validate` that concerns `TextFields` and tags.
Status ValidateTexts(const Alert& alert);

}  // namespace auditflow::alert
