#include "src/postgres/alert_insert.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include <pqxx/result>
#include <pqxx/transaction>

#include "src/postgres/alert_columns.hpp"
#include "src/postgres/postgres_error.hpp"
#include "src/postgres/savepoint.hpp"
#include "src/postgres/text_array.hpp"

namespace auditflow::postgres {
namespace {

using store::InsertOutcome;
using store::InsertResult;

// Bounds of one statement: its parameters are held several times over, here and by the server.
constexpr std::size_t kMaxRows = 1000;
constexpr std::size_t kMaxBytes = std::size_t{8} << 20U;

/// unnest of one array per column; the time of receipt is the same for all.
std::string MakeInsertSql() {
  std::string columns;
  std::string values;
  std::string arrays;
  std::string names;
  std::size_t number = 3;  // behind received_at and received_nanos
  for (const AlertColumn& column : kAlertColumns) {
    const std::string name(column.name);
    columns += name + ", ";
    values.append(names.empty() ? "" : ", ").append("new.").append(name).append(column.cast);
    arrays.append(names.empty() ? "$" : ", $").append(std::to_string(number++)).append("::");
    arrays.append(column.array_type).append("[]");
    names.append(names.empty() ? "" : ", ").append(name);
  }
  return "INSERT INTO alerts (" + columns + "raw_event_text, received_at, received_nanos) SELECT " +
         values + ", new.raw_event_data, $1::timestamptz, $2::smallint FROM unnest(" + arrays +
         ") AS new (" + names + ") ON CONFLICT (alert_id) DO NOTHING RETURNING alert_id";
}

class Batch {
 public:
  Batch(pqxx::connection& connection, std::span<const alert::Alert> alerts,
        std::span<const store::OutboxTarget> targets, Timestamp received_at)
      : connection_(connection),
        alerts_(alerts),
        targets_(targets),
        received_at_(MicrosecondText(received_at)),
        received_nanos_(std::to_string(NanosBelowMicrosecond(received_at))),
        results_(alerts.size(), InsertResult{InsertOutcome::kDuplicate, ""}) {}

  std::vector<InsertResult> Run() {
    Select();
    if (!InsertPlainly()) InsertCarefully();
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
  void InsertRows(pqxx::transaction_base& transaction, Rows rows);
  /// Of those rows, for the ones that are new.
  void FillOutbox(pqxx::transaction_base& transaction, Rows rows) const;
  void Reject(pqxx::work& transaction, std::size_t row, const Status& status);
  /// The first column whose value the database refuses by itself.
  std::string FaultOf(pqxx::work& transaction, std::size_t row);
  /// The beginning of `rows` that one statement takes.
  [[nodiscard]] Rows FirstChunk(Rows rows) const;

  pqxx::connection& connection_;
  const std::span<const alert::Alert> alerts_;
  const std::span<const store::OutboxTarget> targets_;
  const std::string received_at_;
  const std::string received_nanos_;
  std::vector<InsertResult> results_;
  std::vector<std::size_t> rows_;  ///< which alerts to insert
  AlertTexts texts_;
};

void Batch::Select() {
  std::unordered_set<Uuid> seen;
  for (std::size_t i = 0; i < alerts_.size(); ++i) {
    const Status valid = Validate(alerts_[i]);
    if (!valid.ok()) {
      results_[i] = {InsertOutcome::kRejected, valid.message()};
    } else if (seen.insert(alerts_[i].alert_id).second) {
      rows_.push_back(i);
    }
  }
  // In one order everywhere, or two batches with the same alerts could wait for each other.
  std::sort(rows_.begin(), rows_.end(), [&](std::size_t a, std::size_t b) {
    return alerts_[a].alert_id < alerts_[b].alert_id;
  });
}

Batch::Rows Batch::FirstChunk(Rows rows) const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < rows.size() && count < kMaxRows) {
    const alert::Alert& alert = alerts_[rows[count]];
    bytes += alert.raw_event_data.size() + alert.description.size() +
             alert.metadata.extra_json.size() + alert.metadata.remediation_guidance.size();
    if (count > 0 && bytes > kMaxBytes) break;
    ++count;
  }
  return rows.first(count);
}

void Batch::InsertRows(pqxx::transaction_base& transaction, Rows rows) {
  static const std::string kSql = MakeInsertSql();
  std::array<TextArray, kAlertColumnCount> arrays;
  for (const std::size_t row : rows) {
    const auto& texts = texts_.Make(alerts_[row]);
    for (std::size_t i = 0; i < kAlertColumnCount; ++i) {
      if (texts[i].data() == nullptr) {
        arrays[i].AddNull();
      } else {
        arrays[i].Add(texts[i]);
      }
    }
  }
  std::vector<std::string> parameters = {received_at_, received_nanos_};
  for (TextArray& array : arrays) parameters.push_back(std::move(array).Finished());
  const pqxx::result inserted =
      transaction.exec_params(kSql, pqxx::prepare::make_dynamic_params(parameters));
  std::unordered_set<std::string_view> ids;
  for (const auto& id : inserted) ids.insert(id[0].c_str());
  for (const std::size_t row : rows) {
    if (inserted.size() == rows.size() || ids.contains(alerts_[row].alert_id.ToString())) {
      results_[row].outcome = InsertOutcome::kInserted;
    }
  }
  FillOutbox(transaction, rows);
}

void Batch::FillOutbox(pqxx::transaction_base& transaction, Rows rows) const {
  TextArray ids;
  TextArray channels;
  bool is_empty = true;
  for (const std::size_t row : rows) {
    if (results_[row].outcome != InsertOutcome::kInserted) continue;
    for (const store::OutboxTarget& target : targets_) {
      if (!Takes(target, alerts_[row])) continue;
      ids.Add(alerts_[row].alert_id.ToString());
      channels.Add(target.channel);
      is_empty = false;
    }
  }
  if (is_empty) return;
  transaction.exec_params(
      "INSERT INTO notification_outbox (alert_id, channel, queued_at, due_at) "
      "SELECT new.alert_id, new.channel, $1::timestamptz, $1::timestamptz FROM unnest($2::uuid[], "
      "$3::text[]) "
      "AS new (alert_id, channel) ON CONFLICT (alert_id, channel) DO NOTHING",
      received_at_, std::move(ids).Finished(), std::move(channels).Finished());
}

bool Batch::InsertPlainly() {
  pqxx::work transaction(connection_);
  try {
    for (Rows rest = rows_; !rest.empty();) {
      const Rows chunk = FirstChunk(rest);
      InsertRows(transaction, chunk);
      rest = rest.subspan(chunk.size());
    }
  } catch (...) {
    if (!Understand(std::current_exception()).row_at_fault) throw;
    for (const std::size_t row : rows_) results_[row].outcome = InsertOutcome::kDuplicate;
    return false;
  }
  transaction.commit();
  return true;
}

void Batch::InsertCarefully() {
  pqxx::work transaction(connection_);
  for (Rows rest = rows_; !rest.empty();) {
    const Rows chunk = FirstChunk(rest);
    InsertAround(transaction, chunk);
    rest = rest.subspan(chunk.size());
  }
  transaction.commit();
}

void Batch::InsertAround(pqxx::work& transaction, Rows rows) {
  try {
    return InSavepoint(transaction, [&] { InsertRows(transaction, rows); });
  } catch (...) {
    const Failure failure = Understand(std::current_exception());
    if (!failure.row_at_fault) throw;
    if (rows.size() == 1) return Reject(transaction, rows.front(), failure.status);
  }
  const std::size_t half = rows.size() / 2;
  InsertAround(transaction, rows.first(half));
  InsertAround(transaction, rows.subspan(half));
}

void Batch::Reject(pqxx::work& transaction, std::size_t row, const Status& status) {
  results_[row] = {InsertOutcome::kRejected,
                   FaultOf(transaction, row) + ": the database refuses it: " + status.message()};
}

std::string Batch::FaultOf(pqxx::work& transaction, std::size_t row) {
  const auto& texts = texts_.Make(alerts_[row]);
  for (std::size_t i = 0; i < kAlertColumnCount; ++i) {
    if (texts[i].data() == nullptr) continue;
    try {
      InSavepoint(transaction, [&] {
        transaction.exec_params("SELECT $1::" + std::string(kAlertColumns[i].array_type) +
                                    std::string(kAlertColumns[i].cast),
                                std::string(texts[i]));
      });
    } catch (...) {
      if (!Understand(std::current_exception()).row_at_fault) throw;
      return std::string(kAlertColumns[i].field);
    }
  }
  return "alert";
}

}  // namespace

std::vector<InsertResult> InsertAlerts(pqxx::connection& connection,
                                       std::span<const alert::Alert> alerts,
                                       std::span<const store::OutboxTarget> targets,
                                       Timestamp received_at) {
  return Batch(connection, alerts, targets, received_at).Run();
}

}  // namespace auditflow::postgres
