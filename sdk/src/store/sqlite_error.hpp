#pragma once

#include <string_view>

#include "auditflow/core/status.hpp"

namespace auditflow::store {

/// What an SQLite result code, plain or extended, means to a caller. OK for SQLITE_OK, SQLITE_ROW
/// and SQLITE_DONE.
Status SqliteStatus(int code, std::string_view message);

}  // namespace auditflow::store
