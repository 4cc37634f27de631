#include "src/postgres/event_partitions.hpp"

#include <chrono>

#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "auditflow/store/event_store.hpp"

#include "src/postgres/times.hpp"

namespace auditflow::postgres {
namespace {

using std::chrono::hours;

/// One transaction at a time makes or drops partitions: "AuFl" and "part".
constexpr std::int64_t kLock = 0x4175466c70617274;
constexpr int kDeleteChunk = 10'000;
constexpr std::size_t kDateLength = 10;

void Lock(pqxx::work& transaction) {
  transaction.exec("SELECT pg_advisory_xact_lock(" + std::to_string(kLock) + ")");
}

bool Exists(pqxx::transaction_base& transaction, const std::string& table) {
  return !transaction.exec_params("SELECT to_regclass($1)", table)[0][0].is_null();
}

}  // namespace

std::string PartitionName(Timestamp day) {
  std::string name = "audit_events_";
  for (const char c : day.ToString().substr(0, kDateLength)) {
    if (c != '-') name += c;
  }
  return name;
}

std::set<Timestamp> EventPartitions::MissingFor(
    std::span<const store::ArchivedEvent> events) const {
  const Timestamp today = store::DayOf(clock_.Now());
  const Timestamp first = today - days_back_ * Duration(hours(24));
  const Timestamp last = today + hours(24);
  std::set<Timestamp> missing;
  const std::lock_guard lock(mutex_);
  Timestamp previous = Timestamp::FromUnixNanos(0) - Duration(1);  // the beginning of no day
  for (const store::ArchivedEvent& event : events) {
    const Timestamp day = store::DayOf(event.timestamp);
    if (day == previous) continue;
    previous = day;
    if (day >= first && day <= last && !known_.contains(day)) missing.insert(day);
  }
  return missing;
}

void EventPartitions::Add(Timestamp day) {
  const std::lock_guard lock(mutex_);
  known_.insert(day);
}

void EventPartitions::RemoveBefore(Timestamp day) {
  const std::lock_guard lock(mutex_);
  known_.erase(known_.begin(), known_.lower_bound(day));
}

void EventPartitions::Forget() {
  const std::lock_guard lock(mutex_);
  known_.clear();
}

void MakePartition(pqxx::connection& connection, Timestamp day) {
  const std::string name = PartitionName(day);
  const std::string begin = "'" + day.ToString() + "'";
  const std::string end = "'" + (day + hours(24)).ToString() + "'";
  pqxx::work transaction(connection);
  Lock(transaction);
  if (Exists(transaction, name)) return;
  // Made and attached in two steps: made as a partition it would lock all inserts out.
  transaction.exec("LOCK TABLE audit_events_other IN ACCESS EXCLUSIVE MODE");
  transaction.exec("CREATE TABLE " + name + " (LIKE audit_events INCLUDING ALL)");
  transaction.exec("WITH moved AS (DELETE FROM audit_events_other WHERE timestamp >= " + begin +
                   " AND timestamp < " + end + " RETURNING *) INSERT INTO " + name +
                   " SELECT * FROM moved");
  transaction.exec("ALTER TABLE audit_events ATTACH PARTITION " + name + " FOR VALUES FROM (" +
                   begin + ") TO (" + end + ")");
  transaction.commit();
}

std::vector<std::string> PartitionsBefore(pqxx::connection& connection, Timestamp day) {
  pqxx::nontransaction transaction(connection);
  std::vector<std::string> names;
  for (const auto& row : transaction.exec_params(
           "SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
           "WHERE inhparent = 'audit_events'::regclass AND relname ~ '^audit_events_[0-9]{8}$' "
           "AND relname::text COLLATE \"C\" < $1 ORDER BY relname",
           PartitionName(day))) {
    names.emplace_back(row[0].c_str());
  }
  return names;
}

void DropPartition(pqxx::connection& connection, const std::string& name) {
  pqxx::work transaction(connection);
  Lock(transaction);
  transaction.exec("DROP TABLE IF EXISTS " + name);
  transaction.commit();
}

bool DeleteSomeBefore(pqxx::connection& connection, Timestamp day) {
  pqxx::work transaction(connection);
  const pqxx::result deleted = transaction.exec_params(
      "DELETE FROM audit_events_other WHERE ctid = ANY (ARRAY("
      "SELECT ctid FROM audit_events_other WHERE timestamp < $1 OR (received_at < $1 AND "
      "date_trunc('day', timestamp, 'UTC') > date_trunc('day', received_at, 'UTC') + "
      "interval '24 hours') LIMIT " +
          std::to_string(kDeleteChunk) + "))",
      MicrosecondText(day));
  transaction.commit();
  return deleted.affected_rows() == kDeleteChunk;
}

}  // namespace auditflow::postgres
