#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "auditflow/core/timestamp.hpp"

namespace auditflow {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};

constexpr std::int64_t kSecond = 1'000'000'000;

/// From large to small: what `FormatDuration` chooses from.
constexpr std::array<Unit, 8> kExactUnits = {{{"w", 604'800 * kSecond},
                                              {"d", 86'400 * kSecond},
                                              {"h", 3'600 * kSecond},
                                              {"m", 60 * kSecond},
                                              {"s", kSecond},
                                              {"ms", 1'000'000},
                                              {"us", 1'000},
                                              {"ns", 1}}};

/// Means of the Gregorian calendar's 400 years: 146,097 days.
constexpr std::array<Unit, 2> kMeanUnits = {
    {{"M", 2'629'746 * kSecond}, {"y", 31'556'952 * kSecond}}};

const Unit* FindUnit(std::string_view name) {
  for (const Unit& unit : kExactUnits) {
    if (unit.name == name) return &unit;
  }
  for (const Unit& unit : kMeanUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

tl::unexpected<Status> Refuse(std::string_view text, std::string_view reason) {
  constexpr std::size_t kShown = 40;
  std::string message = "duration \"";
  message.append(text.substr(0, kShown)).append(text.size() > kShown ? "…" : "").append("\": ");
  return Error(InvalidArgument(message.append(reason)));
}

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text[0] < '0' || text[0] > '9') {
    return Refuse(text, "a whole number expected, then a unit");
  }
  const auto [unit_at, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc()) return Refuse(text, "too long");
  const Unit* unit = FindUnit({unit_at, static_cast<std::size_t>(end - unit_at)});
  if (unit == nullptr) return Refuse(text, "the unit has to be ns, us, ms, s, m, h, d, w, M or y");
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(count, unit->nanos, &nanos)) return Refuse(text, "too long");
  return Duration(nanos);
}

std::string FormatDuration(Duration d) {
  if (d == Duration::zero()) return "0s";
  for (const Unit& unit : kExactUnits) {
    if (d.count() % unit.nanos == 0) {
      return std::to_string(d.count() / unit.nanos).append(unit.name);
    }
  }
  return {};  // not reached: every count is a multiple of 1 ns
}

}  // namespace auditflow
