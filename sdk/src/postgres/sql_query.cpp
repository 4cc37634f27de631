#include "src/postgres/sql_query.hpp"

#include <algorithm>

#include <pqxx/prepared_statement>
#include <pqxx/result>

#include "auditflow/core/utf8.hpp"

#include "src/postgres/times.hpp"

namespace auditflow::postgres {

std::string LowerAscii(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string SqlQuery::Parameter(std::string value) {
  if (value.find('\0') != std::string::npos || !IsValidUtf8(value)) impossible_ = true;
  values_.push_back(std::move(value));
  return "$" + std::to_string(values_.size());
}

void SqlQuery::AddCondition(std::string_view condition) {
  sql_.append(has_condition_ ? " AND " : " WHERE ").append(condition);
  has_condition_ = true;
}

void SqlQuery::AddFilter(std::string_view column, const std::string& value) {
  if (!value.empty()) AddCondition(std::string(column) + " = " + Parameter(value));
}

void SqlQuery::AddTime(std::string_view comparison, Timestamp time) {
  AddCondition("(timestamp, timestamp_nanos) " + std::string(comparison) + " (" +
               Parameter(MicrosecondText(time)) + "::timestamptz, " +
               Parameter(std::to_string(NanosBelowMicrosecond(time))) + "::smallint)");
}

pqxx::result SqlQuery::Run(pqxx::transaction_base& transaction) const {
  return transaction.exec_params(sql_, pqxx::prepare::make_dynamic_params(values_));
}

}  // namespace auditflow::postgres
