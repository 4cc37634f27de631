#include "auditflow/postgres/postgres_event_store.hpp"

#include <utility>

#include <pqxx/nontransaction>
#include <pqxx/result>

#include "auditflow/store/event_answers.hpp"

#include "src/postgres/connection_pool.hpp"
#include "src/postgres/event_columns.hpp"
#include "src/postgres/event_insert.hpp"
#include "src/postgres/event_partitions.hpp"
#include "src/postgres/event_query.hpp"
#include "src/postgres/event_rules.hpp"
#include "src/postgres/migrations.hpp"
#include "src/postgres/postgres_error.hpp"

namespace auditflow::postgres {
namespace {

using store::ArchivedEvent;

constexpr std::uint32_t kMaxPartitionDays = 3650;

/// libpqxx copies characters past ASCII as bytes, which the server takes as they are: in another
/// encoding they would be other characters.
Status CheckEncoding(Connection& connection) {
  try {
    pqxx::nontransaction transaction(connection.raw());
    const std::string encoding = transaction.exec("SHOW server_encoding")[0][0].c_str();
    if (encoding == "UTF8") return {};
    return FailedPrecondition(
        "the archive needs a database with the encoding UTF8; this one's is " + encoding);
  } catch (...) {
    return Understand(std::current_exception()).status;
  }
}

/// Migrations, and a fresh look at the partitions.
ConnectionPool::Prepare Preparation(const PostgresOptions& options, EventPartitions& partitions) {
  const MigrationTimeouts timeouts{options.migration_timeout, options.lock_timeout};
  return [timeouts, migrate = options.migrate, &partitions](Connection& connection) {
    partitions.Forget();
    Status status = CheckEncoding(connection);
    if (!migrate || !status.ok()) return status;
    return Migrate(connection, EventMigrations(), timeouts, kEventMigrationTable);
  };
}

}  // namespace

struct PostgresEventStore::Impl {
  Impl(const PostgresEventStoreOptions& options, Clock& clock)
      : partitions(options.partition_days, clock),
        pool(options.connection, Preparation(options.connection, partitions), clock) {}

  /// Runs `read` on the rows of a query that is one statement.
  template <class Read>
  Status Query(const SqlQuery& query, const Read& read);

  /// Runs `work` with a connection, within the time of a statement.
  template <class Work>
  Status Do(const Work& work);
  /// The same with what `work` returns, and again if another transaction had to go first.
  template <class Work>
  auto Write(const Work& work) -> decltype(work(std::declval<pqxx::connection&>()));
  Status MakePartitions(std::span<const ArchivedEvent> events);
  Status DropPartitions(Timestamp day);
  Status DeleteOthers(Timestamp day);

  EventPartitions partitions;
  ConnectionPool pool;
};

template <class Work>
Status PostgresEventStore::Impl::Do(const Work& work) {
  const Result<bool> done = pool.Run([&](pqxx::connection& connection) -> Result<bool> {
    work(connection);
    return true;
  });
  return done ? Status() : done.error();
}

template <class Work>
auto PostgresEventStore::Impl::Write(const Work& work)
    -> decltype(work(std::declval<pqxx::connection&>())) {
  constexpr int kAttempts = 3;  // a deadlock takes one of two, the other goes on
  for (int attempt = 1;; ++attempt) {
    auto written = pool.Run(work);
    const bool again = !written && written.error().code() == StatusCode::kAborted;
    if (!again || attempt == kAttempts) return written;
  }
}

template <class Read>
Status PostgresEventStore::Impl::Query(const SqlQuery& query, const Read& read) {
  if (query.is_impossible()) return {};
  return Do([&](pqxx::connection& connection) {
    pqxx::nontransaction transaction(connection);
    for (const auto& row : query.Run(transaction)) read(row);
  });
}

Status PostgresEventStore::Impl::MakePartitions(std::span<const ArchivedEvent> events) {
  for (const Timestamp day : partitions.MissingFor(events)) {
    Status made = Do([&](pqxx::connection& connection) { MakePartition(connection, day); });
    if (!made.ok()) return made.WithContext(PartitionName(day));
    partitions.Add(day);
  }
  return {};
}

Status PostgresEventStore::Impl::DropPartitions(Timestamp day) {
  std::vector<std::string> names;
  Status status =
      Do([&](pqxx::connection& connection) { names = PartitionsBefore(connection, day); });
  for (auto name = names.begin(); status.ok() && name != names.end(); ++name) {
    status = Do([&](pqxx::connection& connection) { DropPartition(connection, *name); });
  }
  partitions.RemoveBefore(day);
  return status;
}

Status PostgresEventStore::Impl::DeleteOthers(Timestamp day) {
  for (bool more = true; more;) {
    Status status =
        Do([&](pqxx::connection& connection) { more = DeleteSomeBefore(connection, day); });
    if (!status.ok()) return status;
  }
  return {};
}

Status Validate(const PostgresEventStoreOptions& options) {
  Status status = Validate(options.connection);
  if (!status.ok()) return status;
  if (options.partition_days == 0 || options.partition_days > kMaxPartitionDays) {
    return InvalidArgument("partition_days: must be from 1 to " +
                           std::to_string(kMaxPartitionDays));
  }
  return {};
}

PostgresEventStore::PostgresEventStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PostgresEventStore::~PostgresEventStore() = default;

Result<std::unique_ptr<PostgresEventStore>> PostgresEventStore::Create(
    const PostgresEventStoreOptions& options, Clock& clock) {
  Status valid = Validate(options);
  if (!valid.ok()) return Error(std::move(valid));
  return std::unique_ptr<PostgresEventStore>(
      new PostgresEventStore(std::make_unique<Impl>(options, clock)));
}

void PostgresEventStore::Connect() { impl_->pool.Start(); }
PostgresHealth PostgresEventStore::Health() const { return impl_->pool.Health(); }
PoolStatistics PostgresEventStore::Pool() const { return impl_->pool.Statistics(); }

Result<std::vector<store::InsertResult>> PostgresEventStore::Insert(
    std::span<const ArchivedEvent> events) {
  using Results = Result<std::vector<store::InsertResult>>;
  Status made = impl_->MakePartitions(events);
  if (!made.ok()) return Error(std::move(made));
  return impl_->Write(
      [&](pqxx::connection& connection) -> Results { return InsertEvents(connection, events); });
}

Result<std::size_t> PostgresEventStore::AddRules(std::span<const store::LaterRule> rules) {
  for (const store::LaterRule& rule : rules) {
    Status valid = Validate(rule);
    if (!valid.ok()) return Error(std::move(valid));
  }
  return impl_->Write([&](pqxx::connection& connection) -> Result<std::size_t> {
    return postgres::AddRules(connection, rules);
  });
}

Status PostgresEventStore::DropBefore(Timestamp time) {
  const Timestamp day = store::DayOf(time);
  Status status = impl_->DropPartitions(day);
  if (status.ok()) status = impl_->DeleteOthers(day);
  if (!status.ok()) return status;
  return impl_->Do([&](pqxx::connection& connection) { DropWaitingRules(connection, day); });
}

Result<store::EventPage> PostgresEventStore::List(const store::EventQuery& query) {
  store::PageBuilder page(query.limit);
  Status status =
      impl_->Query(ListEvents(query), [&](const pqxx::row& row) { page.Add(ReadEvent(row)); });
  if (!status.ok()) return Error(std::move(status));
  return page.Finish();
}

Result<std::optional<ArchivedEvent>> PostgresEventStore::Get(const Uuid& event_id) {
  std::optional<ArchivedEvent> found;
  Status status =
      impl_->Query(FindEvent(event_id), [&](const pqxx::row& row) { found = ReadEvent(row); });
  if (!status.ok()) return Error(std::move(status));
  return found;
}

Result<store::EventStats> PostgresEventStore::Stats(const store::StatsQuery& query) {
  Status valid = Validate(query);
  if (!valid.ok()) return Error(std::move(valid));
  store::StatsBuilder stats(query);
  Status status = impl_->Query(CountEvents(query), [&](const pqxx::row& row) {
    const auto bucket = row[1].as<std::int64_t>();
    const auto count = static_cast<std::uint64_t>(row[2].as<std::int64_t>());
    if (row[0].is_null()) {
      stats.AddOther(bucket, count);
    } else {
      stats.Add(row[0].c_str(), bucket, count);
    }
  });
  if (!status.ok()) return Error(std::move(status));
  return stats.Finish();
}

Status PostgresEventStore::Ping() {
  return impl_->Do(
      [](pqxx::connection& connection) { pqxx::nontransaction(connection).exec("SELECT 1"); });
}

}  // namespace auditflow::postgres
