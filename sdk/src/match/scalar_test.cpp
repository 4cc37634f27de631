#include "src/match/scalar_test.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include <arpa/inet.h>

#include "auditflow/core/timestamp.hpp"

#include "src/match/case_fold.hpp"

namespace auditflow::match {
namespace {

using event::Type;
using Address = std::array<std::uint8_t, 16>;

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96;

std::size_t SkipDigits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

enum class NumberShape : std::uint8_t { kNone, kInteger, kReal };

/// RFC 8259, section 6.
NumberShape ShapeOf(std::string_view text) {
  const auto is = [&](std::size_t at, std::string_view set) {
    return at < text.size() && set.find(text[at]) != std::string_view::npos;
  };
  const std::size_t first = is(0, "-") ? 1 : 0;
  std::size_t at = SkipDigits(text, first);
  if (at == first || (text[first] == '0' && at > first + 1)) return NumberShape::kNone;
  NumberShape shape = NumberShape::kInteger;
  const auto digits_after = [&](std::size_t from) {
    at = SkipDigits(text, from);
    shape = at == from ? NumberShape::kNone : NumberShape::kReal;
    return at != from;
  };
  if (is(at, ".") && !digits_after(at + 1)) return NumberShape::kNone;
  if (is(at, "eE") && !digits_after(at + (is(at + 1, "+-") ? 2 : 1))) return NumberShape::kNone;
  return at == text.size() ? shape : NumberShape::kNone;
}

template <class T>
std::optional<Number> Read(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Number(number);
}

template <class A, class B>
std::strong_ordering OrderIntegers(A a, B b) {
  if (std::cmp_less(a, b)) return std::strong_ordering::less;
  return std::cmp_equal(a, b) ? std::strong_ordering::equal : std::strong_ordering::greater;
}

/// Compares with the integer part first and lets the fraction decide a tie.
template <class Integer>
std::partial_ordering OrderWithDouble(Integer integer, double real) {
  constexpr double kBeyondUint64 = 18446744073709551616.0;
  constexpr double kLeastInt64 = -9223372036854775808.0;
  if (std::isnan(real)) return std::partial_ordering::unordered;
  if (real >= kBeyondUint64) return std::partial_ordering::less;
  if (real < kLeastInt64) return std::partial_ordering::greater;
  const double whole = std::trunc(real);
  const auto order = whole < 0 ? OrderIntegers(integer, static_cast<std::int64_t>(whole))
                               : OrderIntegers(integer, static_cast<std::uint64_t>(whole));
  return order == std::strong_ordering::equal ? whole <=> real : order;
}

struct Orderer {
  std::partial_ordering operator()(double a, double b) const { return a <=> b; }
  template <class Integer>
  std::partial_ordering operator()(Integer a, double b) const {
    return OrderWithDouble(a, b);
  }
  template <class Integer>
  std::partial_ordering operator()(double a, Integer b) const {
    const std::partial_ordering reversed = OrderWithDouble(b, a);
    if (std::is_lt(reversed)) return std::partial_ordering::greater;
    return std::is_gt(reversed) ? std::partial_ordering::less : reversed;
  }
  template <class A, class B>
  std::partial_ordering operator()(A a, B b) const {
    return OrderIntegers(a, b);
  }
};

std::optional<unsigned> ReadPrefix(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > most) return std::nullopt;
  return bits;
}

/// 255.255.0.0 → 16; nothing for a mask with holes.
std::optional<unsigned> ReadNetmask(std::string_view text) {
  const std::optional<Address> mask = ParseAddress(text);
  if (!mask || text.find(':') != std::string_view::npos) return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t i = kMappedPrefix.size(); i < mask->size(); ++i) bits = bits << 8U | (*mask)[i];
  const auto ones = static_cast<unsigned>(std::countl_one(bits));
  if (ones < 32 && (bits << ones) != 0) return std::nullopt;
  return ones;
}

/// The bits of byte `i` that a prefix of this length fixes.
std::uint8_t MaskOfByte(std::size_t i, unsigned prefix_length) {
  const auto before = static_cast<unsigned>(i * 8);
  if (prefix_length <= before) return 0;
  const unsigned bits = std::min(prefix_length - before, 8U);
  return static_cast<std::uint8_t>(0xFFU << (8 - bits));
}

bool IsMapped(const Address& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin());
}

std::int64_t PartOf(const CivilTime& time, ComparesDatePart::Part part) {
  switch (part) {
    case ComparesDatePart::Part::kMinute:
      return time.minute;
    case ComparesDatePart::Part::kHour:
      return time.hour;
    case ComparesDatePart::Part::kDay:
      return time.day;
    case ComparesDatePart::Part::kWeek:
      return time.iso_week;
    case ComparesDatePart::Part::kMonth:
      return time.month;
    case ComparesDatePart::Part::kYear:
      break;
  }
  return time.year;
}

Result<Timestamp> UnixTimeOf(event::Value value) {
  switch (value.type()) {
    case Type::kInt64:
      return Timestamp::FromUnixNumber(value.int64_value());
    case Type::kDouble:
      return Timestamp::FromUnixNumber(value.double_value());
    default:
      return Error(InvalidArgument("no Unix time"));
  }
}

Result<CivilTime> DateOf(event::Value value) {
  if (value.is_string()) return ParseCivil(value.string_value());
  const Result<Timestamp> time = UnixTimeOf(value);
  if (!time) return Error(time.error());
  return ToCivil(*time);
}

}  // namespace

std::optional<std::string_view> TextOf(const event::Event& event, event::Value value) {
  switch (value.type()) {
    case Type::kString:
      return value.string_value();
    case Type::kBool:
      return value.bool_value() ? "true" : "false";
    case Type::kInt64:
    case Type::kUint64:
    case Type::kDouble:
      return event.NumberText(value);
    default:
      return std::nullopt;
  }
}

std::optional<Number> ParseNumber(std::string_view text) {
  const NumberShape shape = ShapeOf(text);
  if (shape == NumberShape::kNone) return std::nullopt;
  if (shape == NumberShape::kInteger) {
    if (auto number = Read<std::int64_t>(text)) return number;
    if (auto number = Read<std::uint64_t>(text)) return number;
  }
  return Read<double>(text);
}

std::optional<Number> NumberOf(event::Value value) {
  switch (value.type()) {
    case Type::kInt64:
      return Number(value.int64_value());
    case Type::kUint64:
      return Number(value.uint64_value());
    case Type::kDouble:
      return Number(value.double_value());
    case Type::kString:
      return ParseNumber(value.string_value());
    default:
      return std::nullopt;
  }
}

std::partial_ordering Order(const Number& a, const Number& b) {
  return std::visit(Orderer{}, a, b);
}

bool Compare(sigma::Comparison comparison, const Number& a, const Number& b) {
  const std::partial_ordering order = Order(a, b);
  switch (comparison) {
    case sigma::Comparison::kGt:
      return std::is_gt(order);
    case sigma::Comparison::kGte:
      return std::is_gteq(order);
    case sigma::Comparison::kLt:
      return std::is_lt(order);
    case sigma::Comparison::kLte:
      return std::is_lteq(order);
    case sigma::Comparison::kEq:
      return std::is_eq(order);
    case sigma::Comparison::kNeq:
      break;
  }
  return std::is_neq(order);
}

bool EqualsBoolean(event::Value value, bool expected) {
  if (value.type() == Type::kBool) return value.bool_value() == expected;
  return value.is_string() && Folded(value.string_value()) == (expected ? "true" : "false");
}

std::optional<Address> ParseAddress(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const bool six = text.find(':') != std::string_view::npos;
  if (six) text = text.substr(0, text.find('%'));
  if (text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), buffer.begin());
  Address address{};
  auto* to = address.data();
  if (!six) to = std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), to);
  if (inet_pton(six ? AF_INET6 : AF_INET, buffer.data(), to) != 1) return std::nullopt;
  return address;
}

std::optional<InNetwork> ParseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = ParseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool four = text.find(':') == std::string_view::npos;
  const unsigned most = four ? 32 : 128;
  std::optional<unsigned> bits = most;
  if (slash != std::string_view::npos) {
    bits = ReadPrefix(text.substr(slash + 1), most);
    if (!bits && four) bits = ReadNetmask(text.substr(slash + 1));
  }
  if (!bits) return std::nullopt;
  InNetwork network{*address, static_cast<std::uint8_t>(*bits + (four ? kMappedBits : 0))};
  for (std::size_t i = 0; i < network.address.size(); ++i) {
    network.address[i] &= MaskOfByte(i, network.prefix_length);
  }
  return network;
}

bool Contains(const InNetwork& network, const Address& address) {
  if (network.prefix_length < kMappedBits && IsMapped(address)) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::uint8_t mask = MaskOfByte(i, network.prefix_length);
    if ((address[i] & mask) != (network.address[i] & mask)) return false;
  }
  return true;
}

bool DatePartHolds(const ComparesDatePart& test, event::Value value) {
  const Result<CivilTime> date = DateOf(value);
  return date && Compare(test.comparison, Number(PartOf(*date, test.part)), test.number);
}

bool RelationHolds(const RelatesToField& test, std::string_view text, std::string_view other) {
  if (!test.cased) {
    RelatesToField cased = test;
    cased.cased = true;
    return RelationHolds(cased, Folded(text), Folded(other));
  }
  switch (test.relation) {
    case RelatesToField::Relation::kContains:
      return text.find(other) != std::string_view::npos;
    case RelatesToField::Relation::kStartsWith:
      return text.starts_with(other);
    case RelatesToField::Relation::kEndsWith:
      return text.ends_with(other);
    case RelatesToField::Relation::kEquals:
      break;
  }
  return text == other;
}

}  // namespace auditflow::match
