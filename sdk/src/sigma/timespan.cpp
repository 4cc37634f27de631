#include "src/sigma/timespan.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>

namespace auditflow::sigma {
namespace {

std::int64_t SecondsOf(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    case 'w':
      return 604'800;
    case 'M':
      return 2'629'746;
    case 'y':
      return 31'556'952;
    default:
      return 0;
  }
}

}  // namespace

std::optional<Duration> ParseTimespan(std::string_view text, std::string* problem) {
  *problem = "write a whole number and a unit: s, m, h, d, w, M or y, as in 5m";
  if (text.size() < 2) return std::nullopt;
  const std::int64_t unit = SecondsOf(text.back());
  const char* end = text.data() + text.size() - 1;
  std::uint64_t count = 0;
  const auto parsed = std::from_chars(text.data(), end, count);
  if (unit == 0 || parsed.ptr != end || parsed.ec == std::errc::invalid_argument) {
    return std::nullopt;
  }
  constexpr std::int64_t kMaxSeconds =
      std::chrono::duration_cast<std::chrono::seconds>(Duration::max()).count();
  const bool fits =
      parsed.ec == std::errc() && count <= static_cast<std::uint64_t>(kMaxSeconds / unit);
  if (!fits || count == 0) {
    *problem = fits ? "it must be longer than 0" : "it is longer than 292 years";
    return std::nullopt;
  }
  return std::chrono::seconds(static_cast<std::int64_t>(count) * unit);
}

}  // namespace auditflow::sigma
