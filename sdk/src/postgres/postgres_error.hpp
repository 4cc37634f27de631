#pragma once

#include <exception>
#include <string_view>

#include "auditflow/core/status.hpp"

namespace auditflow::postgres {

/// What an SQLSTATE means to a caller. `message` is cut to its first line, without the severity:
/// what follows can hold the row's values.
/// Source: PostgreSQL 15's documentation, appendix A.
Status SqlStatus(std::string_view sqlstate, std::string_view message);

/// A failure of libpqxx, understood.
struct Failure {
  Status status = {};
  bool connection_lost = false;  ///< the connection is of no use any more
  bool in_doubt = false;         ///< it was lost during a commit, which may have happened
  /// The row that was being written is at fault, not the database: another row may pass.
  bool row_at_fault = false;
};

/// Understands the exception, which was thrown by libpqxx or the standard library.
Failure Understand(const std::exception_ptr& thrown);

/// Whether a refused connection will be refused again until somebody does something about it: the
/// server answered, and not that it is starting, stopping or full.
bool IsLastingRefusal(std::string_view message);

}  // namespace auditflow::postgres
