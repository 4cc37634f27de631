#include "src/correlate/field_source.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

#include "auditflow/event/value.hpp"

#include "src/correlate/group_key.hpp"

namespace auditflow::correlate {
namespace {

std::optional<event::Value> FirstScalar(const event::Event& event, std::string_view path) {
  std::optional<event::Value> first;
  event::ForEachAt(event, path, [&first](event::Value value) {
    if (!first && value.is_scalar() && !value.is_null()) first = value;
  });
  return first;
}

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || after != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<double> NumberOf(event::Value value) {
  switch (value.type()) {
    case event::Type::kInt64:
      return static_cast<double>(value.int64_value());
    case event::Type::kUint64:
      return static_cast<double>(value.uint64_value());
    case event::Type::kDouble:
      return value.double_value();
    case event::Type::kString:
      return ParseNumber(value.string_value());
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> FieldSource::Text(std::string_view path) {
  if (const std::string* value = GroupValue(path)) return *value;
  const auto value = First(path);
  if (!value) return std::nullopt;
  auto text = CanonicalText(*value);
  if (text) text = Shorten(*std::move(text));
  return text;
}

std::optional<double> FieldSource::Number(std::string_view path) {
  if (const std::string* value = GroupValue(path)) return ParseNumber(*value);
  const auto value = First(path);
  return value ? NumberOf(*value) : std::nullopt;
}

const std::string* FieldSource::GroupValue(std::string_view path) const {
  if (hit_ == nullptr) return nullptr;
  for (const auto& [field, value] : hit_->group) {
    if (field == path) return &value;
  }
  return nullptr;
}

std::optional<event::Value> FieldSource::First(std::string_view path) {
  const event::Event* event = Event();
  if (event == nullptr) return std::nullopt;
  const auto elsewhere = lookup_ ? lookup_(*event, path) : std::nullopt;
  if (!elsewhere) return FirstScalar(*event, path);
  return elsewhere->is_scalar() && !elsewhere->is_null() ? elsewhere : std::nullopt;
}

const event::Event* FieldSource::Event() {
  if (parser_ == nullptr) return event_;
  if (parser_->ParseInto(hit_->payload, *scratch_).ok()) event_ = scratch_;
  parser_ = nullptr;
  return event_;
}

}  // namespace auditflow::correlate
