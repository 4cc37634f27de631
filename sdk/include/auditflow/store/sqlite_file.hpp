#pragma once

#include <filesystem>

#include "auditflow/core/status.hpp"

namespace auditflow::store {

/// Whether a SQLite store could have its file there, as far as can be told without touching it: the
/// folder is there and can be written in, and what has the name already is a file that can be read
/// and written. What is in it, and whether another program owns it, shows when it is opened.
///
/// Thread safety: thread-safe.
/// @return kFailedPrecondition naming the path.
Status CheckSqlitePath(const std::filesystem::path& path);

}  // namespace auditflow::store
