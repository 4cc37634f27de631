#pragma once

#include <string>

#include "auditflow/sigma/document.hpp"

namespace auditflow::cli {

/// A condition in Sigma's grammar, with no more parentheses than it needs.
std::string ToText(const sigma::Condition& condition);

/// "event_count >= 3 within 1m by user_id, server_hostname, over a, b".
std::string ToText(const sigma::CorrelationRule& rule);

}  // namespace auditflow::cli
