#include "src/postgres/event_rules.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <pqxx/prepared_statement>
#include <pqxx/result>

#include "auditflow/store/event_store.hpp"

#include "src/postgres/text_array.hpp"
#include "src/postgres/times.hpp"

namespace auditflow::postgres {
namespace {

using store::LaterRule;
using Rules = std::vector<LaterRule>;

/// Parameters $1 to $4: the rules by columns.
constexpr std::string_view kRules =
    "unnest($1::uuid[], $2::timestamptz[], $3::smallint[], $4::text[]) WITH ORDINALITY AS "
    "rule (event_id, timestamp, timestamp_nanos, rule_id, number)";

/// Behind UPDATE: appends what `found.rule_ids` has and the row has not.
std::string Append(const std::string& row) {
  return row + " SET rule_ids = " + row +
         ".rule_ids || ARRAY(SELECT id FROM unnest(found.rule_ids) WITH ORDINALITY AS each (id, n) "
         "WHERE id <> ALL (" +
         row + ".rule_ids) ORDER BY n)";
}

/// Changes also the rows that have the rules, and so says that they are there. The bounds of the
/// time are parameters, so that only their days' partitions are planned for.
std::string TimedSql() {
  return "UPDATE audit_events AS " + Append("event") +
         " FROM (SELECT event_id, timestamp, timestamp_nanos, array_agg(rule_id ORDER BY number) "
         "AS rule_ids FROM " +
         std::string(kRules) +
         " GROUP BY 1, 2, 3) AS found WHERE event.event_id = found.event_id AND "
         "event.timestamp = found.timestamp AND event.timestamp_nanos = found.timestamp_nanos AND "
         "event.timestamp BETWEEN $5::timestamptz AND $6::timestamptz RETURNING found.event_id, " +
         Microseconds("found.timestamp") + ", found.timestamp_nanos";
}

std::string UntimedSql() {
  return "UPDATE audit_events AS " + Append("event") +
         " FROM (SELECT event_id, array_agg(rule_id ORDER BY number) AS rule_ids FROM "
         "(SELECT event_id, rule_id, min(number) AS number FROM " +
         std::string(kRules) +
         " GROUP BY 1, 2) AS each_once GROUP BY 1) AS found "
         "WHERE event.event_id = found.event_id AND NOT event.has_time RETURNING found.event_id";
}

std::string WaitSql() {
  return "INSERT INTO audit_event_waiting_rules (event_id, timestamp, timestamp_nanos, rule_id) "
         "SELECT event_id, timestamp, timestamp_nanos, rule_id FROM " +
         std::string(kRules) + " ORDER BY number ON CONFLICT DO NOTHING";
}

std::string ForgetSql() {
  return "DELETE FROM audit_event_waiting_rules WHERE number <= "
         "(SELECT max(number) FROM audit_event_waiting_rules) - " +
         std::to_string(store::kMaxWaitingRules);
}

std::string TakeSql(const std::string& stage) {
  return "WITH taken AS (DELETE FROM audit_event_waiting_rules AS rule USING " + stage +
         " AS event WHERE rule.event_id = event.event_id AND (NOT event.has_time OR "
         "(rule.timestamp = event.timestamp AND rule.timestamp_nanos = event.timestamp_nanos)) "
         "RETURNING rule.event_id, rule.rule_id, rule.number) UPDATE " +
         stage + " AS " + Append("event") +
         " FROM (SELECT event_id, array_agg(rule_id ORDER BY number) AS rule_ids FROM "
         "(SELECT event_id, rule_id, min(number) AS number FROM taken GROUP BY 1, 2) AS each_once "
         "GROUP BY 1) AS found WHERE event.event_id = found.event_id";
}

/// Each once, so that no array that is appended has one twice.
Rules EachOnce(std::span<const LaterRule> rules) {
  std::set<std::tuple<Uuid, Timestamp, std::string_view>> seen;
  Rules once;
  for (const LaterRule& rule : rules) {
    if (seen.emplace(rule.event_id, rule.timestamp, rule.rule_id).second) once.push_back(rule);
  }
  return once;
}

std::vector<std::string> Parameters(const Rules& rules) {
  std::array<TextArray, 4> columns;
  for (const LaterRule& rule : rules) {
    columns[0].Add(rule.event_id.ToString());
    columns[1].Add(MicrosecondText(rule.timestamp));
    columns[2].Add(std::to_string(NanosBelowMicrosecond(rule.timestamp)));
    columns[3].Add(rule.rule_id);
  }
  std::vector<std::string> parameters;
  parameters.reserve(columns.size());
  for (const TextArray& column : columns) parameters.push_back(column.Finished());
  return parameters;
}

pqxx::result Run(pqxx::work& transaction, const std::string& sql,
                 const std::vector<std::string>& parameters) {
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
}

Uuid IdOf(const pqxx::row& row) { return Uuid::Parse(row[0].c_str()).value_or(Uuid()); }

/// Both take out of `rules` what they have added.
void AddToTimed(pqxx::work& transaction, Rules& rules) {
  static const std::string kSql = TimedSql();
  if (rules.empty()) return;
  std::vector<std::string> parameters = Parameters(rules);
  const auto [first, last] = std::ranges::minmax(rules, {}, &LaterRule::timestamp);
  parameters.push_back(MicrosecondText(first.timestamp));
  parameters.push_back(MicrosecondText(last.timestamp));
  std::set<std::pair<Uuid, Timestamp>> found;
  for (const auto& row : Run(transaction, kSql, parameters)) {
    found.emplace(IdOf(row), ReadTime(row, 1, row[2].as<std::int64_t>()));
  }
  std::erase_if(rules, [&](const LaterRule& rule) {
    return found.contains({rule.event_id, rule.timestamp});
  });
}

void AddToUntimed(pqxx::work& transaction, Rules& rules) {
  static const std::string kSql = UntimedSql();
  if (rules.empty()) return;
  std::set<Uuid> found;
  for (const auto& row : Run(transaction, kSql, Parameters(rules))) found.insert(IdOf(row));
  std::erase_if(rules, [&](const LaterRule& rule) { return found.contains(rule.event_id); });
}

/// @return what is for no event that is there.
Rules AddToEvents(pqxx::work& transaction, Rules rules) {
  AddToTimed(transaction, rules);
  AddToUntimed(transaction, rules);
  return rules;
}

void Wait(pqxx::work& transaction, const Rules& rules) {
  static const std::string kWait = WaitSql();
  static const std::string kForget = ForgetSql();
  Run(transaction, kWait, Parameters(rules));
  transaction.exec_params(kForget);
}

}  // namespace

std::size_t AddRules(pqxx::connection& connection, std::span<const LaterRule> rules) {
  Rules rest = EachOnce(rules);
  {
    pqxx::work transaction(connection);
    AddToTimed(transaction, rest);
    transaction.commit();
  }
  if (rest.empty()) return 0;
  // In a transaction of its own: with rows in hand this could wait for one that waits for them.
  pqxx::work transaction(connection);
  transaction.exec("SELECT pg_advisory_xact_lock(" + std::to_string(kWaitingRulesLock) + ")");
  rest = AddToEvents(transaction, std::move(rest));
  if (!rest.empty()) Wait(transaction, rest);
  transaction.commit();
  return rest.size();
}

void TakeWaitingRules(pqxx::work& transaction, const std::string& stage) {
  // Nearly always there is nothing.
  const pqxx::result any =
      transaction.exec("SELECT EXISTS (SELECT 1 FROM audit_event_waiting_rules)::integer");
  if (any[0][0].as<int>() != 0) transaction.exec_params(TakeSql(stage));
}

void DropWaitingRules(pqxx::connection& connection, Timestamp day) {
  pqxx::work transaction(connection);
  transaction.exec_params("DELETE FROM audit_event_waiting_rules WHERE timestamp < $1",
                          MicrosecondText(day));
  transaction.commit();
}

}  // namespace auditflow::postgres
