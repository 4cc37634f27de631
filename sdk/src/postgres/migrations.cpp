#include "src/postgres/migrations.hpp"

#include <map>
#include <string>

#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "src/postgres/postgres_error.hpp"

namespace auditflow::postgres {
namespace {

/// Shared by all processes that migrate: "AuFl" and "mgr".
constexpr std::int64_t kLock = 0x4175466c006d6772;

std::string Milliseconds(Duration d) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(d).count());
}

using Applied = std::map<int, std::string>;  ///< version → hash of the SQL

bool HasMigrationTable(pqxx::transaction_base& transaction, const std::string& table) {
  return !transaction.exec("SELECT to_regclass('" + table + "')")[0][0].is_null();
}

Applied ReadApplied(pqxx::transaction_base& transaction, const std::string& table) {
  Applied applied;
  for (const auto& row : transaction.exec("SELECT version, hash FROM " + table)) {
    applied.emplace(row[0].as<int>(), row[1].c_str());
  }
  return applied;
}

std::string HashOf(pqxx::transaction_base& transaction, std::string_view sql) {
  return transaction.exec_params("SELECT md5($1)", std::string(sql))[0][0].c_str();
}

/// The first that is missing; nothing if all are there.
/// @return kFailedPrecondition if one was changed since it was applied.
Result<const Migration*> FirstMissing(pqxx::transaction_base& transaction,
                                      std::span<const Migration> migrations,
                                      const std::string& table) {
  const Applied applied = ReadApplied(transaction, table);
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.version);
    if (found == applied.end()) return &migration;
    if (found->second != HashOf(transaction, migration.sql)) {
      return Error(FailedPrecondition("migration " + std::string(migration.name) +
                                      " is not the one that the database has had"));
    }
  }
  return nullptr;
}

void Apply(pqxx::work& transaction, const Migration& migration, const std::string& table) {
  transaction.exec(std::string(migration.sql));
  transaction.exec_params(
      "INSERT INTO " + table + " (version, name, hash) VALUES ($1, $2, md5($3))", migration.version,
      std::string(migration.name), std::string(migration.sql));
}

/// @return whether there was one to apply.
Result<bool> ApplyNext(Connection& connection, std::span<const Migration> migrations,
                       const MigrationTimeouts& timeouts, const std::string& table) {
  pqxx::work transaction(connection.raw());
  transaction.exec("SET LOCAL statement_timeout = " + Milliseconds(timeouts.statement) +
                   "; SET LOCAL lock_timeout = 0");
  transaction.exec("SELECT pg_advisory_xact_lock(" + std::to_string(kLock) + ")");
  transaction.exec("SET LOCAL lock_timeout = " + Milliseconds(timeouts.lock));
  // Made before it is looked for: this session may remember from before the lock that there is
  // none.
  transaction.exec(
      "CREATE TABLE IF NOT EXISTS " + table +
      " ("
      "  version integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL,"
      "  applied_at timestamptz NOT NULL DEFAULT now(), applied_by text NOT NULL DEFAULT "
      "current_user)");
  const Result<const Migration*> missing = FirstMissing(transaction, migrations, table);
  if (!missing) return Error(missing.error());
  if (*missing == nullptr) return false;
  try {
    Apply(transaction, **missing, table);
    transaction.commit();
  } catch (...) {
    return Error(Understand(std::current_exception())
                     .status.WithContext("migration " + std::string((*missing)->name)));
  }
  return true;
}

}  // namespace

Status Migrate(Connection& connection, std::span<const Migration> migrations,
               const MigrationTimeouts& timeouts, std::string_view table) {
  const std::string name(table);
  try {
    {
      // Most starts find nothing to do, and then need neither the lock nor the right to create.
      pqxx::nontransaction look(connection.raw());
      if (HasMigrationTable(look, name)) {
        const Result<const Migration*> missing = FirstMissing(look, migrations, name);
        if (!missing) return missing.error();
        if (*missing == nullptr) return Status();
      }
    }
    for (;;) {
      const Result<bool> applied = ApplyNext(connection, migrations, timeouts, name);
      if (!applied) return applied.error();
      if (!*applied) return Status();
    }
  } catch (...) {
    return Understand(std::current_exception()).status;
  }
}

}  // namespace auditflow::postgres
