#pragma once

#include <string>

#include "auditflow/postgres/postgres_options.hpp"

namespace auditflow::postgres {

/// The options as libpq's connection string; holds the password. Timeouts are in it, so that every
/// session has them from its first statement on.
std::string ConnectionString(const PostgresOptions& options);

}  // namespace auditflow::postgres
