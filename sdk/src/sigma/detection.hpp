#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/reporter.hpp"

namespace auditflow::sigma {

/// Search identifiers of one rule.
inline constexpr std::size_t kMaxIdentifiers = 4096;

/// Search identifiers and conditions: the content of `detection:`, and of `filter:` apart from
/// `rules`.
struct DetectionSection {
  std::vector<std::pair<std::string, Detection>> detections;
  std::vector<Condition> conditions;
};

/// Moves values out of `section`. `reserved` are keys that are no search identifiers.
DetectionSection ReadDetectionSection(Node& section, std::span<const std::string_view> reserved,
                                      std::size_t max_depth, Reporter& reporter);

}  // namespace auditflow::sigma
