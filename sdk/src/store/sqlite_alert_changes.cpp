#include "src/store/sqlite_alert_changes.hpp"

#include "src/store/alert_row.hpp"

namespace auditflow::store {
namespace {

std::string_view StateText(const AlertState& state) { return ToString(state.status); }

/// Runs a statement whose first parameters are the state and whose last is the alert's id.
Status WriteState(SqliteConnection& writer, std::string_view sql, const std::string& id,
                  const AlertState& state) {
  Result<SqliteStatement> statement = writer.Prepare(sql);
  if (!statement) return statement.error();
  int parameter = 1;
  statement->Bind(parameter++, StateText(state));
  statement->Bind(parameter++, std::int64_t{state.deleted});
  statement->Bind(parameter++, std::int64_t{state.version});
  statement->Bind(parameter++, state.changed_at.unix_nanos());
  statement->Bind(parameter++, std::string_view(state.changed_by));
  statement->Bind(parameter++, std::string_view(state.change_reason));
  statement->Bind(parameter, std::string_view(id));
  const Result<bool> done = statement->Step();
  return done ? Status() : done.error();
}

Status WriteChange(SqliteConnection& writer, const Uuid& alert_id, const AlertState& state) {
  const std::string columns(kStateColumns);
  const std::string id = alert_id.ToString();
  Status status = WriteState(
      writer, "UPDATE alerts SET (" + columns + ") = (?, ?, ?, ?, ?, ?) WHERE alert_id = ?", id,
      state);
  if (!status.ok()) return status;
  return WriteState(
      writer, "INSERT INTO alert_changes (" + columns + ", alert_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
      id, state);
}

}  // namespace

Result<std::optional<StoredAlert>> FindAlert(SqliteConnection& connection, const Uuid& alert_id) {
  const std::string id = alert_id.ToString();
  Result<SqliteStatement> statement =
      connection.Prepare("SELECT " + std::string(kAlertColumns) + ", " +
                         std::string(kStateColumns) + " FROM alerts WHERE alert_id = ?");
  if (!statement) return Error(statement.error());
  statement->Bind(1, std::string_view(id));
  const Result<bool> found = statement->Step();
  if (!found) return Error(found.error());
  if (!*found) return std::optional<StoredAlert>();
  Result<StoredAlert> stored = ReadAlertRow(*statement);
  if (!stored) return Error(stored.error());
  return std::optional<StoredAlert>(*std::move(stored));
}

Result<StoredAlert> ChangeAlert(SqliteConnection& writer, const Uuid& alert_id,
                                std::optional<AlertStatus> status, const ChangeNote& note,
                                Timestamp now) {
  Result<std::optional<StoredAlert>> found = FindAlert(writer, alert_id);
  if (!found) return Error(found.error());
  if (!*found) return Error(NotFound("there is no such alert"));
  StoredAlert stored = **std::move(found);
  Result<AlertState> next = NextState(stored.state, status, note, now);
  if (!next) return Error(next.error());
  stored.state = *std::move(next);
  Status written = WriteChange(writer, alert_id, stored.state);
  if (!written.ok()) return Error(std::move(written));
  return stored;
}

Result<std::vector<AlertState>> ReadHistory(SqliteConnection& connection, const Uuid& alert_id) {
  const std::string id = alert_id.ToString();
  Result<SqliteStatement> statement =
      connection.Prepare("SELECT " + std::string(kStateColumns) +
                         " FROM alert_changes WHERE alert_id = ? ORDER BY version");
  if (!statement) return Error(statement.error());
  statement->Bind(1, std::string_view(id));
  std::vector<AlertState> history;
  for (;;) {
    const Result<bool> has_row = statement->Step();
    if (!has_row) return Error(has_row.error());
    if (!*has_row) return history;
    Result<AlertState> state = ReadState(*statement, 0);
    if (!state) return Error(state.error());
    history.push_back(*std::move(state));
  }
}

}  // namespace auditflow::store
