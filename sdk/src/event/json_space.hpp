#pragma once

namespace auditflow::event {

/// White space of JSON (RFC 8259, section 2).
constexpr bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace auditflow::event
