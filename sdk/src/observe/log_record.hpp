#pragma once

#include <string>
#include <string_view>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::observe::log {

/// What one line says; the formatters are pure.
struct Record {
  Timestamp time;
  Level level = Level::kInfo;
  std::string_view component;
  std::string_view message;
  std::string_view service;
  std::string_view correlation_id;
  Fields fields;
};

/// One JSON object. A field that has the name of a member of the record itself is written as
/// "field.<name>", and of two equal ones the last counts, so that no member occurs twice.
std::string ToJsonLine(const Record& record);

/// `2026-11-20T18:55:54Z WARNING rabbitmq: connection lost host=db-1 attempt=3`; a value with a
/// space, quote or '=' is quoted.
std::string ToTextLine(const Record& record);

/// Control characters, line separators and those that reorder text are written as \n, \t, \u{9b};
/// a backslash is doubled, and invalid UTF-8 becomes U+FFFD.
std::string EscapeForTerminal(std::string_view text);

}  // namespace auditflow::observe::log
