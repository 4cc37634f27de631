#pragma once

#include <string>

#include <pqxx/row>

#include "auditflow/store/alert_store.hpp"

namespace auditflow::postgres {

/// The list behind SELECT whose rows `ReadAlert` understands.
const std::string& AlertSelectList();
/// The same for `ReadState`; part of it.
const std::string& StateSelectList();

/// A row of `AlertSelectList`. Another program's row is read as far as it is understood: what is
/// missing is empty, times beyond `Timestamp` are its ends.
store::StoredAlert ReadAlert(const pqxx::row& row);
/// A row that has `StateSelectList` from `first_column` on.
store::AlertState ReadState(const pqxx::row& row, int first_column = 0);

}  // namespace auditflow::postgres
