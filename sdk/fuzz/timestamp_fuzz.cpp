// Times and durations: whatever is accepted prints to a text that is read back as the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "auditflow/core/timestamp.hpp"

namespace {

using auditflow::Timestamp;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckText(std::string_view text) {
  const auto time = Timestamp::Parse(text);
  const auto civil = auditflow::ParseCivil(text);
  Require(!time || civil.has_value());
  Require(time.has_value() || !time.error().message().empty());
  if (time) Require(Timestamp::Parse(time->ToString()) == *time);
  if (civil) {
    Require(civil->month >= 1 && civil->month <= 12 && civil->day >= 1 && civil->day <= 31);
    Require(civil->iso_week >= 1 && civil->iso_week <= 53);
  }
  const auto duration = auditflow::ParseDuration(text);
  if (duration)
    Require(auditflow::ParseDuration(auditflow::FormatDuration(*duration)) == *duration);
}

void CheckNumber(std::string_view bytes) {
  std::int64_t integer = 0;
  double real = 0;
  if (bytes.size() < sizeof integer) return;
  std::memcpy(&integer, bytes.data(), sizeof integer);
  std::memcpy(&real, bytes.data(), sizeof real);
  const auto exact = Timestamp::FromUnixNanos(integer);
  Require(Timestamp::Parse(exact.ToString()) == exact);
  (void)Timestamp::FromUnixNumber(integer);
  (void)Timestamp::FromUnixNumber(real);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckText(text);
  CheckNumber(text);
  return 0;
}
