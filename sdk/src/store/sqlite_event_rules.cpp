#include "src/store/sqlite_event_rules.hpp"

#include <string>
#include <utility>
#include <vector>

#include "auditflow/store/event_store.hpp"

namespace auditflow::store {
namespace {

/// Counts as a change also where the event has the rule: that says that the event is there.
std::string AddSql(std::string_view condition) {
  return "UPDATE events SET rule_ids = CASE WHEN EXISTS "
         "(SELECT 1 FROM json_each(rule_ids) AS rule WHERE rule.value = ?3) THEN rule_ids "
         "ELSE json_insert(rule_ids, '$[#]', ?3) END WHERE event_id = ?1 AND " +
         std::string(condition);
}

/// Which of the waiting rules are those of the event ?1 at ?2; ?3 is its has_time.
constexpr std::string_view kOfEvent =
    " FROM waiting_rules WHERE event_id = ?1 AND (timestamp = ?2 OR NOT ?3)";

/// Runs a statement without rows.
Status Run(SqliteStatement& statement) {
  const Result<bool> stepped = statement.Step();
  statement.Reset();
  return stepped ? Status() : stepped.error();
}

}  // namespace

Result<SqliteEventRules> SqliteEventRules::Create(SqliteConnection& writer) {
  SqliteEventRules rules(writer);
  const std::string of_event(kOfEvent);
  const std::pair<SqliteStatement*, std::string> statements[] = {
      {&rules.add_timed_, AddSql("timestamp = ?2")},
      // Without ?2 the statement would have no such parameter to bind.
      {&rules.add_untimed_, AddSql("?2 IS NOT NULL AND NOT has_time")},
      {&rules.wait_,
       "INSERT INTO waiting_rules (event_id, timestamp, rule_id) VALUES (?, ?, ?) "
       "ON CONFLICT DO NOTHING"},
      {&rules.any_, "SELECT EXISTS (SELECT 1 FROM waiting_rules)"},
      {&rules.find_, "SELECT rule_id" + of_event + " ORDER BY number"},
      {&rules.taken_, "DELETE" + of_event},
      {&rules.forget_,
       "DELETE FROM waiting_rules WHERE number <= (SELECT max(number) FROM waiting_rules) - " +
           std::to_string(kMaxWaitingRules)},
      {&rules.drop_, "DELETE FROM waiting_rules WHERE timestamp < ?"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<SqliteStatement> prepared = writer.Prepare(sql);
    if (!prepared) return Error(prepared.error());
    *statement = *std::move(prepared);
  }
  return rules;
}

Result<bool> SqliteEventRules::AddOne(SqliteStatement& update, const LaterRule& rule) {
  const std::string id = rule.event_id.ToString();
  update.Bind(1, std::string_view(id));
  update.Bind(2, rule.timestamp.unix_nanos());
  update.Bind(3, std::string_view(rule.rule_id));
  Status status = Run(update);
  if (!status.ok()) return Error(std::move(status));
  return writer_->Changes() > 0;
}

Status SqliteEventRules::Wait(const LaterRule& rule) {
  const std::string id = rule.event_id.ToString();
  wait_.Bind(1, std::string_view(id));
  wait_.Bind(2, rule.timestamp.unix_nanos());
  wait_.Bind(3, std::string_view(rule.rule_id));
  return Run(wait_);
}

Result<std::size_t> SqliteEventRules::Add(std::span<const LaterRule> rules) {
  std::size_t waiting = 0;
  for (const LaterRule& rule : rules) {
    Result<bool> found = AddOne(add_timed_, rule);
    if (found && !*found) found = AddOne(add_untimed_, rule);
    if (!found) return Error(found.error());
    if (*found) continue;
    Status status = Wait(rule);
    if (!status.ok()) return Error(std::move(status));
    ++waiting;
  }
  if (waiting == 0) return waiting;
  Status status = Run(forget_);
  if (!status.ok()) return Error(std::move(status));
  return waiting;
}

Result<bool> SqliteEventRules::AnyWaiting() {
  const Result<bool> row = any_.Step();
  const bool any = row && *row && any_.Integer(0) != 0;
  any_.Reset();
  if (!row) return Error(row.error());
  return any;
}

Status SqliteEventRules::MoveTo(const ArchivedEvent& event) {
  const std::string id = event.event_id.ToString();
  const auto bind = [&](SqliteStatement& statement) {
    statement.Bind(1, std::string_view(id));
    statement.Bind(2, event.timestamp.unix_nanos());
    statement.Bind(3, std::int64_t{event.has_time});
  };
  std::vector<LaterRule> rules;
  bind(find_);
  Result<bool> row = find_.Step();
  for (; row && *row; row = find_.Step()) {
    rules.push_back({event.event_id, event.timestamp, std::string(find_.Text(0))});
  }
  find_.Reset();
  if (!row) return row.error();
  for (const LaterRule& rule : rules) {
    const Result<bool> added = AddOne(add_timed_, rule);
    if (!added) return added.error();
  }
  if (rules.empty()) return {};
  bind(taken_);
  return Run(taken_);
}

Status SqliteEventRules::DropBefore(Timestamp day) {
  drop_.Bind(1, day.unix_nanos());
  return Run(drop_);
}

}  // namespace auditflow::store
