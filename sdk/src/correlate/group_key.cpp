#include "src/correlate/group_key.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

#include "auditflow/core/uuid.hpp"

namespace auditflow::correlate {
namespace {

constexpr std::size_t kMaxValueBytes = 512;
constexpr std::size_t kKeptBytes = 448;

template <class Number>
std::string Print(Number number) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), end};
}

std::string PrintDouble(double number) {
  constexpr double kInt64End = 9223372036854775808.0;
  if (number == std::trunc(number) && std::abs(number) < kInt64End) {
    return Print(static_cast<std::int64_t>(number));
  }
  return Print(number);
}

/// Not in the middle of a UTF-8 sequence.
std::size_t CutAt(std::string_view text, std::size_t size) {
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && continues(size)) --size;
  return size;
}

}  // namespace

std::optional<std::string> CanonicalText(event::Value value) {
  switch (value.type()) {
    case event::Type::kBool:
      return value.bool_value() ? "true" : "false";
    case event::Type::kInt64:
      return Print(value.int64_value());
    case event::Type::kUint64:
      return Print(value.uint64_value());
    case event::Type::kDouble:
      return PrintDouble(value.double_value());
    case event::Type::kString:
      return std::string(value.string_value());
    case event::Type::kNull:
    case event::Type::kArray:
    case event::Type::kObject:
      break;
  }
  return std::nullopt;
}

std::string Shorten(std::string text) {
  if (text.size() <= kMaxValueBytes) return text;
  const std::string digest = Uuid::V5(Uuid(), text).ToString();
  text.resize(CutAt(text, kKeptBytes));
  return text + "…" + digest;
}

void GroupKeyBuilder::Append(const std::optional<std::string>& value) {
  if (!value) {
    key_ += '-';
    return;
  }
  key_ += std::to_string(value->size());
  key_ += ':';
  key_ += *value;
}

std::vector<std::string> DecodeGroupKey(std::string_view key) {
  std::vector<std::string> values;
  while (!key.empty()) {
    if (key.front() == '-') {
      values.emplace_back();
      key.remove_prefix(1);
      continue;
    }
    std::size_t size = 0;
    const char* end = key.data() + key.size();
    const auto [after, error] = std::from_chars(key.data(), end, size);
    if (error != std::errc() || after == end || *after != ':') break;
    key.remove_prefix(static_cast<std::size_t>(after - key.data()) + 1);
    if (size > key.size()) break;
    values.emplace_back(key.substr(0, size));
    key.remove_prefix(size);
  }
  return values;
}

}  // namespace auditflow::correlate
