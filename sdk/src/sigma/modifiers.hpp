#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/reporter.hpp"

namespace auditflow::sigma {

/// Parses `a|b|c` – what follows the field's own `|` – and checks that each modifier may stand
/// where it does.
/// @return nothing, and the reason reported, if the chain is not valid.
std::optional<std::vector<Modifier>> ParseModifiers(std::string_view chain,
                                                    const SourceLocation& location,
                                                    Reporter& reporter);

/// Reports values whose type or content the chain cannot take.
void CheckValues(const DetectionItem& item, Reporter& reporter);

}  // namespace auditflow::sigma
