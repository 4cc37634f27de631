#pragma once

#include <cstdint>
#include <string>

#include <pqxx/row>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::postgres {

// A column of timestamptz has microseconds; a second one beside it has the nanoseconds below.

/// The instant cut to microseconds, as a timestamptz literal, and what was cut off: 0–999.
std::string MicrosecondText(Timestamp t);
int NanosBelowMicrosecond(Timestamp t);

/// SQL for the microseconds since 1970 of an expression; an infinite time, as another program may
/// write it, is far away.
std::string Microseconds(const std::string& expression);
/// The time whose `Microseconds` stand in a column; 1970 for NULL, the ends of the range for what
/// lies beyond.
Timestamp ReadTime(const pqxx::row& row, int microseconds, std::int64_t nanos);

}  // namespace auditflow::postgres
