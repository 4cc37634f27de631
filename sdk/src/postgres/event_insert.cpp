#include "src/postgres/event_insert.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <unordered_set>

#include <pqxx/result>
#include <pqxx/stream_to>
#include <pqxx/transaction>

#include "src/postgres/event_columns.hpp"
#include "src/postgres/event_rules.hpp"
#include "src/postgres/postgres_error.hpp"
#include "src/postgres/savepoint.hpp"

namespace auditflow::postgres {
namespace {

using store::ArchivedEvent;
using store::InsertOutcome;
using store::InsertResult;

/// Taken while events without a time are inserted, which no unique index keeps apart: "AuFl" and
/// "evnt".
constexpr std::int64_t kUntimedLock = 0x4175466c65766e74;

constexpr std::string_view kStage = "auditflow_event_stage";

/// Of the session, so that it is made once; empty between transactions.
std::string MakeStageSql() {
  return "CREATE TEMP TABLE IF NOT EXISTS " + std::string(kStage) +
         " (LIKE audit_events) ON COMMIT DELETE ROWS";
}

std::string MoveSql(bool timed) {
  std::string sql = "INSERT INTO audit_events (" + EventColumnList() + ") SELECT " +
                    EventColumnList() + " FROM pg_temp." + std::string(kStage) + " AS new";
  if (!timed) {
    sql +=
        " WHERE NOT EXISTS (SELECT 1 FROM audit_events AS old "
        "WHERE old.event_id = new.event_id)";
  }
  return sql + " ON CONFLICT DO NOTHING RETURNING event_id";
}

class Batch {
 public:
  Batch(pqxx::connection& connection, std::span<const ArchivedEvent> events)
      : connection_(connection),
        events_(events),
        results_(events.size(), InsertResult{InsertOutcome::kDuplicate, ""}) {}

  std::vector<InsertResult> Run() {
    Select();
    if (!timed_.empty() || !untimed_.empty()) {
      if (!InsertPlainly()) InsertCarefully();
    }
    return std::move(results_);
  }

 private:
  using Rows = std::span<const std::size_t>;

  /// Rejects what no database holds and leaves repeats out.
  void Select();
  /// All at once. @return false if the database refused a row, and nothing is stored.
  bool InsertPlainly();
  /// Again, finding the rows that it refuses.
  void InsertCarefully();
  void InsertAround(pqxx::work& transaction, Rows rows);
  /// Rows of which each id occurs once, all with a time of their own or all without.
  void InsertRows(pqxx::work& transaction, Rows rows);
  void Begin(pqxx::work& transaction);
  void Copy(pqxx::work& transaction, Rows rows);
  /// The beginning of `rows` in which each id occurs once.
  [[nodiscard]] Rows FirstChunk(Rows rows) const;
  /// Calls `insert` with each chunk, those without a time of their own first: with one they differ.
  template <class Insert>
  void ForEachChunk(const Insert& insert) const;

  pqxx::connection& connection_;
  const std::span<const ArchivedEvent> events_;
  std::vector<InsertResult> results_;
  std::vector<std::size_t> timed_;  ///< which events to insert
  std::vector<std::size_t> untimed_;
  bool stage_is_empty_ = true;
};

void Batch::Select() {
  std::unordered_set<Uuid> ids;
  std::set<std::pair<Uuid, Timestamp>> seen;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const ArchivedEvent& event = events_[i];
    const Status valid = Validate(event);
    if (!valid.ok()) {
      results_[i] = {InsertOutcome::kRejected, valid.message()};
      continue;
    }
    const bool new_id = ids.insert(event.event_id).second;
    const bool is_new =
        new_id || (event.has_time && !seen.contains({event.event_id, event.timestamp}));
    seen.emplace(event.event_id, event.timestamp);
    if (is_new) (event.has_time ? timed_ : untimed_).push_back(i);
  }
  // In one order everywhere, or two batches with the same events could wait for each other; it is
  // also that of the index.
  const auto by_place = [&](std::size_t a, std::size_t b) {
    return std::tie(events_[a].timestamp, events_[a].event_id) <
           std::tie(events_[b].timestamp, events_[b].event_id);
  };
  std::ranges::sort(timed_, by_place);
  std::ranges::sort(untimed_, by_place);
}

Batch::Rows Batch::FirstChunk(Rows rows) const {
  std::unordered_set<Uuid> ids;
  std::size_t count = 0;
  while (count < rows.size() && ids.insert(events_[rows[count]].event_id).second) ++count;
  return rows.first(count);
}

template <class Insert>
void Batch::ForEachChunk(const Insert& insert) const {
  for (Rows rest : {Rows(untimed_), Rows(timed_)}) {
    while (!rest.empty()) {
      const Rows chunk = FirstChunk(rest);
      insert(chunk);
      rest = rest.subspan(chunk.size());
    }
  }
}

void Batch::Begin(pqxx::work& transaction) {
  transaction.exec(MakeStageSql() + "; SELECT pg_advisory_xact_lock_shared(" +
                   std::to_string(kWaitingRulesLock) + ")");
  if (untimed_.empty()) return;
  transaction.exec("SELECT pg_advisory_xact_lock(" + std::to_string(kUntimedLock) + ")");
}

void Batch::Copy(pqxx::work& transaction, Rows rows) {
  if (!stage_is_empty_) transaction.exec("TRUNCATE pg_temp." + std::string(kStage));
  stage_is_empty_ = false;
  pqxx::stream_to stream(transaction, std::string(kStage),
                         std::vector<std::string>(kEventColumns.begin(), kEventColumns.end()));
  for (const std::size_t row : rows) stream << EventTexts(events_[row]);
  stream.complete();
}

void Batch::InsertRows(pqxx::work& transaction, Rows rows) {
  static const std::string kMoveTimed = MoveSql(true);
  static const std::string kMoveUntimed = MoveSql(false);
  Copy(transaction, rows);
  TakeWaitingRules(transaction, "pg_temp." + std::string(kStage));
  const bool timed = events_[rows.front()].has_time;
  // `exec` would end the transaction if the database refused a row.
  const pqxx::result inserted = transaction.exec_params(timed ? kMoveTimed : kMoveUntimed);
  std::unordered_set<std::string_view> ids;
  for (const auto& id : inserted) ids.insert(id[0].c_str());
  for (const std::size_t row : rows) {
    if (inserted.size() == rows.size() || ids.contains(events_[row].event_id.ToString())) {
      results_[row].outcome = InsertOutcome::kInserted;
    }
  }
}

bool Batch::InsertPlainly() {
  pqxx::work transaction(connection_);
  try {
    Begin(transaction);
    ForEachChunk([&](Rows rows) { InsertRows(transaction, rows); });
  } catch (...) {
    if (!Understand(std::current_exception()).row_at_fault) throw;
    return false;
  }
  transaction.commit();
  return true;
}

void Batch::InsertCarefully() {
  for (InsertResult& result : results_) {
    if (result.outcome == InsertOutcome::kInserted) result.outcome = InsertOutcome::kDuplicate;
  }
  stage_is_empty_ = true;
  pqxx::work transaction(connection_);
  Begin(transaction);
  ForEachChunk([&](Rows rows) { InsertAround(transaction, rows); });
  transaction.commit();
}

void Batch::InsertAround(pqxx::work& transaction, Rows rows) {
  try {
    return InSavepoint(transaction, [&] { InsertRows(transaction, rows); });
  } catch (...) {
    const Failure failure = Understand(std::current_exception());
    if (!failure.row_at_fault) throw;
    if (rows.size() == 1) {
      // A table that somebody made stricter: this one's columns hold every valid event.
      results_[rows.front()] = {InsertOutcome::kRejected,
                                "event: the database refuses it: " + failure.status.message()};
      return;
    }
  }
  const std::size_t half = rows.size() / 2;
  InsertAround(transaction, rows.first(half));
  InsertAround(transaction, rows.subspan(half));
}

}  // namespace

std::vector<InsertResult> InsertEvents(pqxx::connection& connection,
                                       std::span<const ArchivedEvent> events) {
  return Batch(connection, events).Run();
}

}  // namespace auditflow::postgres
