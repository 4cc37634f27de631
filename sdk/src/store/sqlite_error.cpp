#include "src/store/sqlite_error.hpp"

#include <string>

#include <sqlite3.h>

namespace auditflow::store {
namespace {

StatusCode CodeOf(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return StatusCode::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
      return StatusCode::kDataLoss;
    case SQLITE_NOTADB:
      return StatusCode::kFailedPrecondition;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return StatusCode::kPermissionDenied;
    case SQLITE_INTERRUPT:
      return StatusCode::kCancelled;
    case SQLITE_TOOBIG:
      return StatusCode::kInvalidArgument;
    case SQLITE_ABORT:
    case SQLITE_SCHEMA:
      return StatusCode::kAborted;
    default:
      return StatusCode::kInternal;
  }
}

}  // namespace

Status SqliteStatus(int code, std::string_view message) {
  constexpr int kPrimaryMask = 0xff;
  const int primary = code & kPrimaryMask;
  if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE) return Status();
  return {CodeOf(primary), std::string(message) + " (SQLite code " + std::to_string(code) + ")"};
}

}  // namespace auditflow::store
