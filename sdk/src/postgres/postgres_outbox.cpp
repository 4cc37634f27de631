#include "src/postgres/postgres_outbox.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <pqxx/nontransaction>
#include <pqxx/result>

#include "auditflow/core/utf8.hpp"

#include "src/postgres/alert_columns.hpp"
#include "src/postgres/alert_rows.hpp"

namespace auditflow::postgres {
namespace {

using store::DeadEntry;
using store::OutboxEntry;
using store::OutboxNumbers;

constexpr auto kLastId = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

/// One statement, so that it needs no transaction around it. What another worker is about to claim
/// is passed over.
std::string ClaimSql() {
  return "WITH due AS MATERIALIZED (SELECT id FROM notification_outbox WHERE channel = $1 "
         "AND dead_at IS NULL AND due_at <= $2 ORDER BY due_at, id LIMIT $3 "
         "FOR UPDATE SKIP LOCKED), "
         "claimed AS (UPDATE notification_outbox AS o SET attempts = attempts + 1, "
         "lease_token = lease_token + 1, due_at = $4 FROM due WHERE o.id = due.id "
         "RETURNING o.id AS outbox_id, alert_id, lease_token AS outbox_token, "
         "attempts AS outbox_attempts, " +
         Microseconds("queued_at") +
         " AS outbox_queued, last_error AS outbox_error) "
         "SELECT " +
         AlertSelectList() +
         ", outbox_id, outbox_token, outbox_attempts, outbox_queued, outbox_error "
         "FROM claimed LEFT JOIN alerts USING (alert_id) ORDER BY outbox_id";
}

constexpr std::string_view kReplay =
    "UPDATE notification_outbox SET dead_at = NULL, attempts = 0, lease_token = lease_token + 1, "
    "queued_at = $1, due_at = $1 WHERE dead_at IS NOT NULL AND ";

std::string_view Text(const pqxx::field& field) { return {field.c_str(), field.size()}; }

Timestamp TimeOf(const pqxx::field& microseconds) {
  constexpr std::int64_t kNanos = 1000;
  return Timestamp::FromUnixNanos(microseconds.as<std::int64_t>() * kNanos);
}

std::uint64_t NumberOf(const pqxx::field& field) {
  return static_cast<std::uint64_t>(field.as<std::int64_t>());
}

std::string IdList(std::span<const std::uint64_t> ids) {
  std::string list = "{";
  for (const std::uint64_t id : ids) {
    if (id > kLastId) continue;  // there is none
    if (list.size() > 1) list += ',';
    list += std::to_string(id);
  }
  return list + "}";
}

OutboxEntry ReadEntry(const pqxx::row& row, const std::string& channel) {
  OutboxEntry entry;
  entry.id = NumberOf(row["outbox_id"]);
  entry.lease_token = NumberOf(row["outbox_token"]);
  entry.channel = channel;
  entry.attempts = row["outbox_attempts"].as<std::uint32_t>();
  entry.queued_at = TimeOf(row["outbox_queued"]);
  entry.last_error = Text(row["outbox_error"]);
  entry.alert = ReadAlert(row).alert;
  entry.idempotency_key = store::IdempotencyKey(entry.alert.alert_id, channel);
  return entry;
}

DeadEntry ReadDead(const pqxx::row& row) {
  DeadEntry entry;
  entry.id = NumberOf(row[0]);
  entry.channel = Text(row[1]);
  entry.alert_id = Uuid::Parse(Text(row[2])).value_or(Uuid());
  entry.idempotency_key = store::IdempotencyKey(entry.alert_id, entry.channel);
  entry.attempts = row[3].as<std::uint32_t>();
  entry.queued_at = TimeOf(row[4]);
  entry.dead_at = TimeOf(row[5]);
  entry.reason = Text(row[6]);
  return entry;
}

pqxx::result Run(pqxx::connection& connection, const std::string& sql,
                 const std::vector<std::string>& parameters) {
  pqxx::nontransaction transaction(connection);
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
}

/// Whether a text of the database can be equal to it.
bool IsPossible(std::string_view text) {
  return IsValidUtf8(text) && text.find('\0') == std::string_view::npos;
}

/// Entries whose alert somebody else has removed have nothing to tell.
std::vector<OutboxEntry> Complete(pqxx::connection& connection, const pqxx::result& rows,
                                  const std::string& channel) {
  std::vector<OutboxEntry> entries;
  std::vector<std::uint64_t> orphans;
  for (const auto& row : rows) {
    if (row["correlation_id"].is_null()) {
      orphans.push_back(NumberOf(row["outbox_id"]));
    } else {
      entries.push_back(ReadEntry(row, channel));
    }
  }
  if (!orphans.empty()) {
    Run(connection, "DELETE FROM notification_outbox WHERE id = ANY ($1::bigint[])",
        {IdList(orphans)});
  }
  return entries;
}

}  // namespace

Result<std::vector<OutboxEntry>> PostgresOutbox::Claim(const store::ClaimRequest& request) {
  static const std::string kSql = ClaimSql();
  if (!IsPossible(request.channel)) return std::vector<OutboxEntry>();
  const Timestamp now = clock_.Now();
  const std::vector<std::string> parameters = {request.channel, MicrosecondText(now),
                                               std::to_string(request.max),
                                               MicrosecondText(now + request.lease)};
  using Entries = Result<std::vector<OutboxEntry>>;
  return pool_.Run([&](pqxx::connection& connection) -> Entries {
    return Complete(connection, Run(connection, kSql, parameters), request.channel);
  });
}

Result<std::uint64_t> PostgresOutbox::Execute(const std::string& sql,
                                              const std::vector<std::string>& parameters) {
  return pool_.Run([&](pqxx::connection& connection) -> Result<std::uint64_t> {
    return static_cast<std::uint64_t>(Run(connection, sql, parameters).affected_rows());
  });
}

Status PostgresOutbox::Settle(const OutboxEntry& entry, const std::string& sql,
                              std::vector<std::string> parameters) {
  parameters.insert(parameters.begin(),
                    {std::to_string(entry.id), std::to_string(entry.lease_token)});
  const auto changed =
      Execute(sql + " WHERE id = $1 AND lease_token = $2 AND dead_at IS NULL", parameters);
  if (!changed) return changed.error();
  if (*changed == 1) return Status();
  return FailedPrecondition("the notification is settled, or in another worker's hands");
}

Status PostgresOutbox::Delivered(const OutboxEntry& entry) {
  return Settle(entry, "DELETE FROM notification_outbox", {});
}

Status PostgresOutbox::RetryAt(const OutboxEntry& entry, Timestamp at, std::string_view error) {
  return Settle(entry,
                "UPDATE notification_outbox SET due_at = $3, last_error = $4, "
                "lease_token = lease_token + 1",
                {MicrosecondText(at), store::StorableError(error)});
}

Status PostgresOutbox::DeadLetter(const OutboxEntry& entry, std::string_view reason) {
  return Settle(entry, "UPDATE notification_outbox SET dead_at = $3, last_error = $4",
                {MicrosecondText(clock_.Now()), store::StorableError(reason)});
}

Result<std::vector<DeadEntry>> PostgresOutbox::ListDead(const store::DeadQuery& query) {
  static const std::string kSql =
      "SELECT id, channel, alert_id, attempts, " + Microseconds("queued_at") + ", " +
      Microseconds("dead_at") +
      ", last_error FROM notification_outbox WHERE dead_at IS NOT NULL AND id < $1 "
      "AND ($2 = '' OR channel = $2) ORDER BY id DESC LIMIT $3";
  if (!IsPossible(query.channel)) return std::vector<DeadEntry>();
  const std::vector<std::string> parameters = {
      std::to_string(std::min(query.after.value_or(kLastId), kLastId)), query.channel,
      std::to_string(query.limit)};
  return pool_.Run([&](pqxx::connection& connection) -> Result<std::vector<DeadEntry>> {
    std::vector<DeadEntry> page;
    for (const auto& row : Run(connection, kSql, parameters)) page.push_back(ReadDead(row));
    return page;
  });
}

Result<std::uint64_t> PostgresOutbox::Replay(std::span<const std::uint64_t> ids) {
  return Execute(std::string(kReplay) + "id = ANY ($2::bigint[])",
                 {MicrosecondText(clock_.Now()), IdList(ids)});
}

Result<std::uint64_t> PostgresOutbox::ReplayChannel(std::string_view channel) {
  if (!IsPossible(channel)) return 0;
  return Execute(std::string(kReplay) + "channel = $2",
                 {MicrosecondText(clock_.Now()), std::string(channel)});
}

Result<std::uint64_t> PostgresOutbox::Discard(std::span<const std::uint64_t> ids) {
  return Execute(
      "DELETE FROM notification_outbox WHERE dead_at IS NOT NULL AND id = ANY ($1::bigint[])",
      {IdList(ids)});
}

Result<std::uint64_t> PostgresOutbox::ForgetDead(Timestamp before, std::uint64_t keep) {
  return Execute(
      "DELETE FROM notification_outbox WHERE dead_at IS NOT NULL AND (dead_at < $1 OR "
      "id IN (SELECT id FROM notification_outbox WHERE dead_at IS NOT NULL "
      "ORDER BY dead_at DESC, id DESC OFFSET $2))",
      {MicrosecondText(before), std::to_string(std::min(keep, kLastId))});
}

Result<std::vector<OutboxNumbers>> PostgresOutbox::Numbers() {
  static const std::string kSql =
      "SELECT channel, count(*) FILTER (WHERE dead_at IS NULL), count(dead_at), " +
      Microseconds("min(queued_at) FILTER (WHERE dead_at IS NULL)") +
      " FROM notification_outbox GROUP BY channel ORDER BY channel COLLATE \"C\"";
  return pool_.Run([&](pqxx::connection& connection) -> Result<std::vector<OutboxNumbers>> {
    std::vector<OutboxNumbers> all;
    for (const auto& row : Run(connection, kSql, {})) {
      OutboxNumbers& numbers = all.emplace_back();
      numbers.channel = Text(row[0]);
      numbers.pending = NumberOf(row[1]);
      numbers.dead = NumberOf(row[2]);
      if (!row[3].is_null()) numbers.oldest_pending = TimeOf(row[3]);
    }
    return all;
  });
}

}  // namespace auditflow::postgres
