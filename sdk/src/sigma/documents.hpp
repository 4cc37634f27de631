#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/reporter.hpp"

/// One reader per kind of document. Each moves values out of `document`, a map, and returns nothing
/// if an error was reported.
namespace auditflow::sigma {

std::optional<DetectionRule> ReadDetectionRule(Node& document, std::size_t max_depth,
                                               Reporter& reporter);
std::optional<CorrelationRule> ReadCorrelationRule(Node& document, std::size_t max_depth,
                                                   Reporter& reporter);
std::optional<FilterRule> ReadFilterRule(Node& document, std::size_t max_depth, Reporter& reporter);

/// `rules:` of correlations and filters: a string, or a list of them.
std::vector<CorrelationRule::Reference> ReadReferences(Node& value, Reporter& reporter);

/// The value of a top-level key; null if there is none.
Node* FindMember(Node& map, std::string_view key);

}  // namespace auditflow::sigma
