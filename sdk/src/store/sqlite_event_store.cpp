#include "auditflow/store/sqlite_event_store.hpp"

#include <optional>
#include <utility>

#include "auditflow/store/event_answers.hpp"

#include "src/store/event_query_sql.hpp"
#include "src/store/event_row.hpp"
#include "src/store/sqlite_database.hpp"
#include "src/store/sqlite_event_rules.hpp"

namespace auditflow::store {
namespace {

/// Rows deleted by one transaction: some milliseconds, in which inserts wait.
constexpr int kDropChunk = 2000;

std::string InsertSql() {
  std::string sql = "INSERT INTO events (" + std::string(kEventColumns) + ", ahead_day) SELECT ?1";
  for (int i = 2; i <= kEventColumnCount + 1; ++i) sql += ",?" + std::to_string(i);
  // ?3 is has_time: without one it may be there under another timestamp.
  return sql +
         " WHERE ?3 OR NOT EXISTS (SELECT 1 FROM events WHERE event_id = ?1) "
         "ON CONFLICT (timestamp, event_id) DO NOTHING";
}

/// @return how many rows were deleted.
Result<int> DropSome(SqliteConnection& writer, std::string_view column, Timestamp day) {
  const std::string name(column);
  Result<SqliteStatement> statement =
      writer.Prepare("DELETE FROM events WHERE rowid IN (SELECT rowid FROM events WHERE " + name +
                     " < ? ORDER BY " + name + " LIMIT " + std::to_string(kDropChunk) + ")");
  if (!statement) return Error(statement.error());
  statement->Bind(1, day.unix_nanos());
  const Result<bool> stepped = statement->Step();
  if (!stepped) return Error(stepped.error());
  return writer.Changes();
}

}  // namespace

struct SqliteEventStore::Impl {
  explicit Impl(std::unique_ptr<SqliteDatabase> store_database)
      : database(std::move(store_database)) {}

  /// Both within a transaction.
  Result<std::vector<InsertResult>> InsertAll(std::span<const ArchivedEvent> events);
  Result<InsertOutcome> InsertOne(const ArchivedEvent& event);
  template <class ReadRow>
  Status Query(const SqlQuery& query, const ReadRow& read_row);

  const std::unique_ptr<SqliteDatabase> database;
  SqliteStatement insert;
  std::optional<SqliteEventRules> rules;
  EventRow row;
};

Result<InsertOutcome> SqliteEventStore::Impl::InsertOne(const ArchivedEvent& event) {
  row.Bind(event, insert);
  const Result<bool> stepped = insert.Step();
  insert.Reset();
  if (!stepped) return Error(stepped.error());
  return database->writer().Changes() == 1 ? InsertOutcome::kInserted : InsertOutcome::kDuplicate;
}

Result<std::vector<InsertResult>> SqliteEventStore::Impl::InsertAll(
    std::span<const ArchivedEvent> events) {
  std::vector<InsertResult> results;
  results.reserve(events.size());
  const Result<bool> rules_wait = rules->AnyWaiting();
  if (!rules_wait) return Error(rules_wait.error());
  for (const ArchivedEvent& event : events) {
    Status valid = Validate(event);
    if (!valid.ok()) {
      results.push_back({InsertOutcome::kRejected, valid.message()});
      continue;
    }
    const Result<InsertOutcome> outcome = InsertOne(event);
    if (!outcome) return Error(outcome.error());
    if (*rules_wait && *outcome == InsertOutcome::kInserted) {
      Status moved = rules->MoveTo(event);
      if (!moved.ok()) return Error(std::move(moved));
    }
    results.push_back({*outcome, ""});
  }
  return results;
}

template <class ReadRow>
Status SqliteEventStore::Impl::Query(const SqlQuery& query, const ReadRow& read_row) {
  const Result<bool> done = database->Read([&](SqliteConnection& reader) -> Result<bool> {
    Status status = query.ForEachRow(reader, read_row);
    if (!status.ok()) return Error(std::move(status));
    return true;
  });
  return done ? Status() : done.error();
}

SqliteEventStore::SqliteEventStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteEventStore::~SqliteEventStore() = default;

Result<std::unique_ptr<SqliteEventStore>> SqliteEventStore::Create(
    const SqliteEventStoreOptions& options) {
  auto database = SqliteDatabase::Open(
      {options.path, options.busy_timeout, options.max_bytes, options.check_integrity},
      EventSchema());
  if (!database) return Error(database.error());
  auto impl = std::make_unique<Impl>(*std::move(database));
  Result<SqliteStatement> insert = impl->database->writer().Prepare(InsertSql());
  if (!insert) return Error(insert.error().WithContext(impl->database->path().string()));
  impl->insert = *std::move(insert);
  Result<SqliteEventRules> rules = SqliteEventRules::Create(impl->database->writer());
  if (!rules) return Error(rules.error().WithContext(impl->database->path().string()));
  impl->rules = *std::move(rules);
  return std::unique_ptr<SqliteEventStore>(new SqliteEventStore(std::move(impl)));
}

Result<std::vector<InsertResult>> SqliteEventStore::Insert(std::span<const ArchivedEvent> events) {
  return impl_->database->Write([&](SqliteConnection&) { return impl_->InsertAll(events); });
}

Result<std::size_t> SqliteEventStore::AddRules(std::span<const LaterRule> rules) {
  for (const LaterRule& rule : rules) {
    Status valid = Validate(rule);
    if (!valid.ok()) return Error(std::move(valid));
  }
  return impl_->database->Write([&](SqliteConnection&) { return impl_->rules->Add(rules); });
}

Status SqliteEventStore::DropBefore(Timestamp time) {
  const Timestamp day = DayOf(time);
  const Result<bool> forgotten = impl_->database->Write([&](SqliteConnection&) -> Result<bool> {
    Status status = impl_->rules->DropBefore(day);
    if (!status.ok()) return Error(std::move(status));
    return true;
  });
  if (!forgotten) return forgotten.error();
  for (const std::string_view column : {"timestamp", "ahead_day"}) {
    for (int dropped = kDropChunk; dropped == kDropChunk;) {
      const Result<int> some = impl_->database->Write(
          [&](SqliteConnection& writer) { return DropSome(writer, column, day); });
      if (!some) return some.error();
      dropped = *some;
    }
  }
  return {};
}

Result<EventPage> SqliteEventStore::List(const EventQuery& query) {
  PageBuilder page(query.limit);
  Status status = impl_->Query(ListEvents(query), [&](const SqliteStatement& row) {
    if (page.is_complete()) return Status();
    Result<ArchivedEvent> event = ReadEventRow(row);
    if (!event) return event.error();
    page.Add(*std::move(event));
    return Status();
  });
  if (!status.ok()) return Error(std::move(status));
  return page.Finish();
}

Result<std::optional<ArchivedEvent>> SqliteEventStore::Get(const Uuid& event_id) {
  std::optional<ArchivedEvent> found;
  Status status = impl_->Query(FindEvent(event_id), [&](const SqliteStatement& row) {
    Result<ArchivedEvent> event = ReadEventRow(row);
    if (!event) return event.error();
    found = *std::move(event);
    return Status();
  });
  if (!status.ok()) return Error(std::move(status));
  return found;
}

Result<EventStats> SqliteEventStore::Stats(const StatsQuery& query) {
  Status valid = Validate(query);
  if (!valid.ok()) return Error(std::move(valid));
  StatsBuilder stats(query);
  Status status = impl_->Query(CountEvents(query), [&](const SqliteStatement& row) {
    const auto count = static_cast<std::uint64_t>(row.Integer(2));
    if (row.IsNull(0)) {
      stats.AddOther(row.Integer(1), count);
    } else {
      stats.Add(row.Text(0), row.Integer(1), count);
    }
    return Status();
  });
  if (!status.ok()) return Error(std::move(status));
  return stats.Finish();
}

Status SqliteEventStore::Ping() { return impl_->database->Ping(); }

}  // namespace auditflow::store
