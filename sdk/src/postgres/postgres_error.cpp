#include "src/postgres/postgres_error.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>

#include <pqxx/except>

namespace auditflow::postgres {
namespace {

struct Meaning {
  std::string_view prefix;  ///< of the SQLSTATE
  StatusCode code;
};

// The first that fits holds: single codes stand before their class.
constexpr std::array kMeanings = {
    Meaning{"08", StatusCode::kUnavailable},         // connection exception
    Meaning{"0A", StatusCode::kUnimplemented},       // feature not supported
    Meaning{"22", StatusCode::kInvalidArgument},     // data exception
    Meaning{"23", StatusCode::kInvalidArgument},     // integrity constraint violation
    Meaning{"25006", StatusCode::kUnavailable},      // read-only: a standby, or a full disk's guard
    Meaning{"25P03", StatusCode::kUnavailable},      // idle in transaction for too long
    Meaning{"28", StatusCode::kUnauthenticated},     // invalid authorization
    Meaning{"3D", StatusCode::kFailedPrecondition},  // no such database
    Meaning{"3F", StatusCode::kFailedPrecondition},  // no such schema
    Meaning{"40", StatusCode::kAborted},             // serialization failure, deadlock
    Meaning{"42501", StatusCode::kPermissionDenied},
    Meaning{"42", StatusCode::kFailedPrecondition},  // missing table or column
    Meaning{"53", StatusCode::kResourceExhausted},   // disk full, out of memory, connections
    Meaning{"54", StatusCode::kInvalidArgument},     // program limit exceeded
    Meaning{"55P03", StatusCode::kAborted},          // lock not available
    Meaning{"55", StatusCode::kFailedPrecondition},
    Meaning{"57014", StatusCode::kDeadlineExceeded},    // statement timeout, or cancelled by hand
    Meaning{"57", StatusCode::kUnavailable},            // shutdown, crash, starting up
    Meaning{"58", StatusCode::kUnavailable},            // I/O error
    Meaning{"P0001", StatusCode::kFailedPrecondition},  // RAISE EXCEPTION of a migration
    Meaning{"XX001", StatusCode::kDataLoss},            // damaged data
    Meaning{"XX002", StatusCode::kDataLoss},            // damaged index
};

/// "ERROR:  text\nDETAIL: …" → "text".
std::string PrimaryMessage(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  constexpr std::size_t kLongestSeverity = 12;
  const std::size_t colon = message.find(":  ");
  if (colon <= kLongestSeverity) message.remove_prefix(colon + 3);
  return std::string(message);
}

Failure Lost(std::string_view message) {
  std::string text = PrimaryMessage(message);
  if (text.empty()) text = "the connection was lost";
  return {.status = Unavailable(std::move(text)), .connection_lost = true};
}

Failure OfSqlError(const pqxx::sql_error& error) {
  const std::string& state = error.sqlstate();
  // libpqxx reports a connection that breaks under a statement as an error without a code.
  if (state.empty()) return Lost(error.what());
  Failure failure{.status = SqlStatus(state, error.what())};
  failure.connection_lost = failure.status.code() == StatusCode::kUnavailable;
  const std::string_view category = std::string_view(state).substr(0, 2);
  failure.row_at_fault = category == "22" || category == "23" || category == "54";
  return failure;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

Status SqlStatus(std::string_view sqlstate, std::string_view message) {
  const auto* const meaning = std::find_if(
      kMeanings.begin(), kMeanings.end(),
      [&](const Meaning& m) { return sqlstate.substr(0, m.prefix.size()) == m.prefix; });
  const StatusCode code = meaning == kMeanings.end() ? StatusCode::kInternal : meaning->code;
  return {code, PrimaryMessage(message) + " (SQLSTATE " + std::string(sqlstate) + ")"};
}

Failure Understand(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const pqxx::broken_connection& error) {
    return Lost(error.what());
  } catch (const pqxx::in_doubt_error&) {
    return {.status = Unavailable("the connection was lost during the commit, which may or may "
                                  "not have happened"),
            .connection_lost = true,
            .in_doubt = true};
  } catch (const pqxx::statement_completion_unknown& error) {
    return {.status = Unavailable(PrimaryMessage(error.what())),
            .connection_lost = true,
            .in_doubt = true};
  } catch (const pqxx::transaction_rollback& error) {
    return {.status = Status(StatusCode::kAborted, PrimaryMessage(error.what()))};
  } catch (const pqxx::sql_error& error) {
    return OfSqlError(error);
  } catch (const std::bad_alloc&) {
    return {.status = ResourceExhausted("out of memory"), .connection_lost = true};
  } catch (const std::exception& error) {
    return {.status = Internal(PrimaryMessage(error.what())), .connection_lost = true};
  }
}

bool IsLastingRefusal(std::string_view message) {
  if (!Contains(message, "FATAL:"))
    return Contains(message, "certificate") || Contains(message, "does not support SSL");
  return !Contains(message, "starting up") && !Contains(message, "shutting down") &&
         !Contains(message, "recovery") && !Contains(message, "too many") &&
         !Contains(message, "connection slots") && !Contains(message, "not yet accepting") &&
         !Contains(message, "administrator command");
}

}  // namespace auditflow::postgres
