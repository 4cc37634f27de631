#pragma once

#include <exception>

#include <pqxx/transaction>

#include "src/postgres/postgres_error.hpp"

namespace auditflow::postgres {

/// Runs `write` so that its failure undoes no more than it did itself. (libpqxx's subtransaction
/// leaves the transaction aborted after a failed statement, and so does its `exec`: what may fail
/// has to run by `exec_params`.)
template <class Write>
void InSavepoint(pqxx::work& transaction, const Write& write) {
  transaction.exec("SAVEPOINT attempt");
  try {
    write();
  } catch (...) {
    if (!Understand(std::current_exception()).connection_lost) {
      transaction.exec("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt");
    }
    throw;
  }
  transaction.exec("RELEASE SAVEPOINT attempt");
}

}  // namespace auditflow::postgres
