#include "src/postgres/times.hpp"

#include <limits>
#include <string_view>

#include <pqxx/strconv>

namespace auditflow::postgres {
namespace {

constexpr std::int64_t kNanosPerMicrosecond = 1000;

}  // namespace

std::string MicrosecondText(Timestamp t) {
  // Cut from the text: the microsecond below the earliest instant is not a Timestamp.
  std::string text = t.ToString();
  constexpr std::size_t kWithNanos = std::string_view("2026-11-20T18:00:00.000000001Z").size();
  if (text.size() == kWithNanos) text.erase(kWithNanos - 4, 3);
  return text;
}

int NanosBelowMicrosecond(Timestamp t) {
  const auto rest = static_cast<int>(t.unix_nanos() % kNanosPerMicrosecond);
  return rest < 0 ? rest + static_cast<int>(kNanosPerMicrosecond) : rest;
}

std::string Microseconds(const std::string& expression) {
  return "CASE WHEN isfinite(" + expression + ") THEN (extract(epoch FROM " + expression +
         ") * 1000000)::bigint WHEN " + expression + " > 'epoch' THEN 9223372036854775807 WHEN " +
         expression + " < 'epoch' THEN -9223372036854775808 END";
}

Timestamp ReadTime(const pqxx::row& row, int microseconds, std::int64_t nanos) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  const std::int64_t micros =
      row[microseconds].is_null() ? 0 : row[microseconds].as<std::int64_t>();
  if (micros > kLast / 1000) return Timestamp::FromUnixNanos(kLast);
  // The first instants lie in a microsecond that begins before the range does.
  const std::int64_t below = micros < 0 ? 1 : 0;
  if (micros + below < kFirst / 1000) return Timestamp::FromUnixNanos(kFirst);
  std::int64_t time = 0;
  if (__builtin_add_overflow((micros + below) * 1000, nanos - below * 1000, &time)) {
    return Timestamp::FromUnixNanos(micros < 0 ? kFirst : kLast);
  }
  return Timestamp::FromUnixNanos(time);
}

}  // namespace auditflow::postgres
