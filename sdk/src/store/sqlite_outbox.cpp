#include "src/store/sqlite_outbox.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "src/store/outbox_parts.hpp"
#include "src/store/sqlite_alert_changes.hpp"
#include "src/store/whole_microseconds.hpp"

namespace auditflow::store {
namespace {

constexpr std::string_view kClaim =
    "UPDATE notification_outbox SET attempts = attempts + 1, lease_token = lease_token + 1, "
    "due_at = ?1 WHERE id IN (SELECT id FROM notification_outbox WHERE channel = ?2 "
    "AND dead_at IS NULL AND due_at <= ?3 ORDER BY due_at, id LIMIT ?4) "
    "RETURNING id, lease_token, attempts, queued_at, last_error, alert_id";
constexpr std::string_view kReplay =
    "UPDATE notification_outbox SET dead_at = NULL, attempts = 0, lease_token = lease_token + 1, "
    "queued_at = ?1, due_at = ?1 WHERE dead_at IS NOT NULL AND ";

std::int64_t Micros(Timestamp t) { return WholeMicroseconds(t).unix_nanos(); }

Timestamp TimeAt(const SqliteStatement& row, int column) {
  return Timestamp::FromUnixNanos(row.Integer(column));
}

Result<Uuid> UuidAt(const SqliteStatement& row, int column) {
  Result<Uuid> id = Uuid::Parse(row.Text(column));
  if (!id) return Error(DataLoss("notification_outbox: alert_id: " + id.error().message()));
  return id;
}

Result<OutboxEntry> ReadEntry(const SqliteStatement& row, const std::string& channel) {
  const Result<Uuid> alert_id = UuidAt(row, 5);
  if (!alert_id) return Error(alert_id.error());
  OutboxEntry entry;
  entry.id = static_cast<std::uint64_t>(row.Integer(0));
  entry.lease_token = static_cast<std::uint64_t>(row.Integer(1));
  entry.channel = channel;
  entry.idempotency_key = IdempotencyKey(*alert_id, channel);
  entry.attempts = static_cast<std::uint32_t>(row.Integer(2));
  entry.queued_at = TimeAt(row, 3);
  entry.last_error = row.Text(4);
  entry.alert.alert_id = *alert_id;
  return entry;
}

Result<DeadEntry> ReadDead(const SqliteStatement& row) {
  const Result<Uuid> alert_id = UuidAt(row, 2);
  if (!alert_id) return Error(alert_id.error());
  DeadEntry entry;
  entry.id = static_cast<std::uint64_t>(row.Integer(0));
  entry.channel = row.Text(1);
  entry.alert_id = *alert_id;
  entry.idempotency_key = IdempotencyKey(*alert_id, entry.channel);
  entry.attempts = static_cast<std::uint32_t>(row.Integer(3));
  entry.queued_at = TimeAt(row, 4);
  entry.dead_at = TimeAt(row, 5);
  entry.reason = row.Text(6);
  return entry;
}

OutboxNumbers ReadNumbers(const SqliteStatement& row) {
  OutboxNumbers numbers{.channel = std::string(row.Text(0)),
                        .pending = static_cast<std::uint64_t>(row.Integer(1)),
                        .dead = static_cast<std::uint64_t>(row.Integer(2))};
  if (numbers.pending > 0) numbers.oldest_pending = TimeAt(row, 3);
  return numbers;
}

/// Runs a query to its end. `read` makes a `Result` of each row.
template <class Read>
auto ReadAll(SqliteStatement& statement, const Read& read)
    -> Result<std::vector<typename decltype(read(statement))::value_type>> {
  std::vector<typename decltype(read(statement))::value_type> values;
  for (;;) {
    const Result<bool> has_row = statement.Step();
    if (!has_row) return Error(has_row.error());
    if (!*has_row) return values;
    auto value = read(statement);
    if (!value) return Error(value.error());
    values.push_back(*std::move(value));
  }
}

/// @return how many rows changed.
Result<std::uint64_t> Execute(SqliteConnection& writer, std::string_view sql,
                              const std::function<void(SqliteStatement&)>& bind) {
  Result<SqliteStatement> statement = writer.Prepare(sql);
  if (!statement) return Error(statement.error());
  bind(*statement);
  const Result<bool> done = statement->Step();
  if (!done) return Error(done.error());
  return static_cast<std::uint64_t>(writer.Changes());
}

Result<bool> HasDue(SqliteConnection& reader, const ClaimRequest& request, Timestamp now) {
  Result<SqliteStatement> statement = reader.Prepare(
      "SELECT 1 FROM notification_outbox WHERE channel = ?1 AND dead_at IS NULL AND due_at <= ?2 "
      "LIMIT 1");
  if (!statement) return Error(statement.error());
  statement->Bind(1, std::string_view(request.channel));
  statement->Bind(2, now.unix_nanos());
  return statement->Step();
}

/// The entries without their alerts.
Result<std::vector<OutboxEntry>> Take(SqliteConnection& writer, const ClaimRequest& request,
                                      Timestamp now) {
  Result<SqliteStatement> statement = writer.Prepare(kClaim);
  if (!statement) return Error(statement.error());
  statement->Bind(1, Micros(now + request.lease));
  statement->Bind(2, std::string_view(request.channel));
  statement->Bind(3, now.unix_nanos());
  statement->Bind(4, std::int64_t{request.max});
  return ReadAll(*statement,
                 [&](const SqliteStatement& row) { return ReadEntry(row, request.channel); });
}

/// Adds the alert. @return false if it is gone, and with it the entry.
Result<bool> Complete(SqliteConnection& writer, OutboxEntry& entry) {
  Result<std::optional<StoredAlert>> stored = FindAlert(writer, entry.alert.alert_id);
  if (!stored) return Error(stored.error());
  if (*stored) {
    entry.alert = std::move((*stored)->alert);
    return true;
  }
  const auto removed =
      Execute(writer, "DELETE FROM notification_outbox WHERE id = ?1",
              [&](SqliteStatement& row) { row.Bind(1, static_cast<std::int64_t>(entry.id)); });
  if (!removed) return Error(removed.error());
  return false;
}

Result<std::vector<OutboxEntry>> ClaimDue(SqliteConnection& writer, const ClaimRequest& request,
                                          Timestamp now) {
  Result<std::vector<OutboxEntry>> taken = Take(writer, request, now);
  if (!taken) return taken;
  std::vector<OutboxEntry> claimed;
  for (OutboxEntry& entry : *taken) {
    const Result<bool> complete = Complete(writer, entry);
    if (!complete) return Error(complete.error());
    if (*complete) claimed.push_back(std::move(entry));
  }
  std::sort(claimed.begin(), claimed.end(),
            [](const OutboxEntry& a, const OutboxEntry& b) { return a.id < b.id; });
  return claimed;
}

}  // namespace

Timestamp SqliteOutbox::Now() const { return WholeMicroseconds(clock_.Now()); }

Status SqliteOutbox::Prepare() {
  Result<SqliteStatement> statement = database_.writer().Prepare(
      "INSERT INTO notification_outbox (alert_id, channel, queued_at, due_at) "
      "VALUES (?1, ?2, ?3, ?3) ON CONFLICT (alert_id, channel) DO NOTHING");
  if (!statement) return statement.error();
  add_ = *std::move(statement);
  return Status();
}

Status SqliteOutbox::Add(const alert::Alert& alert, Timestamp now) {
  for (const OutboxTarget& target : targets_) {
    if (!Takes(target, alert)) continue;
    const std::string id = alert.alert_id.ToString();
    add_.Bind(1, std::string_view(id));
    add_.Bind(2, std::string_view(target.channel));
    add_.Bind(3, Micros(now));
    const Result<bool> added = add_.Step();
    add_.Reset();
    if (!added) return added.error();
  }
  return Status();
}

Result<std::vector<OutboxEntry>> SqliteOutbox::Claim(const ClaimRequest& request) {
  const Timestamp now = Now();
  // Most polls find nothing, and then do not stand in the way of those who write.
  const Result<bool> has_due =
      database_.Read([&](SqliteConnection& reader) { return HasDue(reader, request, now); });
  if (!has_due) return Error(has_due.error());
  if (!*has_due) return std::vector<OutboxEntry>();
  return database_.Write([&](SqliteConnection& writer) { return ClaimDue(writer, request, now); });
}

Status SqliteOutbox::Settle(const OutboxEntry& entry, std::string_view sql, const Bind& bind) {
  const std::string held =
      std::string(sql) + " WHERE id = ?1 AND lease_token = ?2 AND dead_at IS NULL";
  const auto changed = database_.Write([&](SqliteConnection& writer) {
    return Execute(writer, held, [&](SqliteStatement& statement) {
      statement.Bind(1, static_cast<std::int64_t>(entry.id));
      statement.Bind(2, static_cast<std::int64_t>(entry.lease_token));
      bind(statement);
    });
  });
  if (!changed) return changed.error();
  return *changed == 1 ? Status() : LeaseLost();
}

Status SqliteOutbox::Delivered(const OutboxEntry& entry) {
  return Settle(entry, "DELETE FROM notification_outbox", [](SqliteStatement&) {});
}

Status SqliteOutbox::RetryAt(const OutboxEntry& entry, Timestamp at, std::string_view error) {
  const std::string text = StorableError(error);
  return Settle(entry,
                "UPDATE notification_outbox SET due_at = ?3, last_error = ?4, "
                "lease_token = lease_token + 1",
                [&](SqliteStatement& statement) {
                  statement.Bind(3, Micros(at));
                  statement.Bind(4, std::string_view(text));
                });
}

Status SqliteOutbox::DeadLetter(const OutboxEntry& entry, std::string_view reason) {
  const std::string text = StorableError(reason);
  return Settle(entry, "UPDATE notification_outbox SET dead_at = ?3, last_error = ?4",
                [&](SqliteStatement& statement) {
                  statement.Bind(3, Now().unix_nanos());
                  statement.Bind(4, std::string_view(text));
                });
}

Result<std::vector<DeadEntry>> SqliteOutbox::ListDead(const DeadQuery& query) {
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  using Page = Result<std::vector<DeadEntry>>;
  return database_.Read([&](SqliteConnection& reader) -> Page {
    Result<SqliteStatement> statement = reader.Prepare(
        "SELECT id, channel, alert_id, attempts, queued_at, dead_at, last_error "
        "FROM notification_outbox WHERE dead_at IS NOT NULL AND id < ?1 "
        "AND (?2 = '' OR channel = ?2) ORDER BY id DESC LIMIT ?3");
    if (!statement) return Error(statement.error());
    statement->Bind(1, static_cast<std::int64_t>(std::min(query.after.value_or(kLast), kLast)));
    statement->Bind(2, std::string_view(query.channel));
    statement->Bind(3, std::int64_t{query.limit});
    return ReadAll(*statement, ReadDead);
  });
}

Result<std::uint64_t> SqliteOutbox::ForEach(std::span<const std::uint64_t> ids,
                                            std::string_view sql, const Bind& bind) {
  return database_.Write([&](SqliteConnection& writer) -> Result<std::uint64_t> {
    std::uint64_t count = 0;
    for (const std::uint64_t id : ids) {
      const auto changed = Execute(writer, sql, [&](SqliteStatement& statement) {
        bind(statement);
        statement.Bind(2, static_cast<std::int64_t>(id));
      });
      if (!changed) return changed;
      count += *changed;
    }
    return count;
  });
}

Result<std::uint64_t> SqliteOutbox::Replay(std::span<const std::uint64_t> ids) {
  return ForEach(ids, std::string(kReplay) + "id = ?2",
                 [&](SqliteStatement& statement) { statement.Bind(1, Now().unix_nanos()); });
}

Result<std::uint64_t> SqliteOutbox::ReplayChannel(std::string_view channel) {
  return database_.Write([&](SqliteConnection& writer) {
    return Execute(writer, std::string(kReplay) + "channel = ?2", [&](SqliteStatement& statement) {
      statement.Bind(1, Now().unix_nanos());
      statement.Bind(2, channel);
    });
  });
}

Result<std::uint64_t> SqliteOutbox::Discard(std::span<const std::uint64_t> ids) {
  return ForEach(ids, "DELETE FROM notification_outbox WHERE dead_at IS NOT NULL AND id = ?2",
                 [](SqliteStatement&) {});
}

Result<std::uint64_t> SqliteOutbox::ForgetDead(Timestamp before, std::uint64_t keep) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return database_.Write([&](SqliteConnection& writer) {
    return Execute(writer,
                   "DELETE FROM notification_outbox WHERE dead_at IS NOT NULL AND (dead_at < ?1 OR "
                   "id IN (SELECT id FROM notification_outbox WHERE dead_at IS NOT NULL "
                   "ORDER BY dead_at DESC, id DESC LIMIT -1 OFFSET ?2))",
                   [&](SqliteStatement& statement) {
                     statement.Bind(1, Micros(before));
                     statement.Bind(2, static_cast<std::int64_t>(std::min(keep, kMost)));
                   });
  });
}

Result<std::vector<OutboxNumbers>> SqliteOutbox::Numbers() {
  using All = Result<std::vector<OutboxNumbers>>;
  return database_.Read([&](SqliteConnection& reader) -> All {
    Result<SqliteStatement> statement = reader.Prepare(
        "SELECT channel, count(*) FILTER (WHERE dead_at IS NULL), count(dead_at), "
        "min(queued_at) FILTER (WHERE dead_at IS NULL) "
        "FROM notification_outbox GROUP BY channel ORDER BY channel");
    if (!statement) return Error(statement.error());
    return ReadAll(*statement, [](const SqliteStatement& row) -> Result<OutboxNumbers> {
      return ReadNumbers(row);
    });
  });
}

}  // namespace auditflow::store
