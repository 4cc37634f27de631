#include "src/api/request_body.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "auditflow/core/utf8.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxQuotedBytes = 100;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The first member that is not in `members`.
std::optional<std::string_view> Stranger(event::Value object,
                                         std::span<const std::string_view> members) {
  std::optional<std::string_view> stranger;
  object.ForEachMember([&](std::string_view key, event::Value) {
    if (std::ranges::find(members, key) == members.end()) stranger = key;
    return !stranger;
  });
  return stranger;
}

std::optional<double> ToDouble(event::Value value) {
  switch (value.type()) {
    case event::Type::kInt64:
      return static_cast<double>(value.int64_value());
    case event::Type::kUint64:
      return static_cast<double>(value.uint64_value());
    case event::Type::kDouble:
      return value.double_value();
    default:
      return std::nullopt;
  }
}

}  // namespace

bool MayBeJson(const http::Request& request) {
  const std::string_view header = request.Header("Content-Type").value_or("");
  std::string type(header.substr(0, header.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(), Lower);
  return type.empty() || type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

Result<RequestBody> RequestBody::Parse(std::string_view json,
                                       std::span<const std::string_view> members) {
  Result<event::Event> document = event::EventParser().Parse(json.empty() ? "{}" : json);
  if (!document) return Error(InvalidArgument(document.error().message()));
  if (const auto stranger = Stranger(document->root(), members)) {
    return Error(InvalidArgument(std::string(CutUtf8(*stranger, kMaxQuotedBytes)) +
                                 ": there is no such member"));
  }
  return RequestBody(*std::move(document));
}

std::optional<event::Value> RequestBody::Present(std::string_view name) const {
  const std::optional<event::Value> value = document_.root().Find(name);
  return value && !value->is_null() ? value : std::nullopt;
}

Result<std::optional<std::string>> RequestBody::Text(std::string_view name) const {
  const std::optional<event::Value> value = Present(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) return Error(InvalidArgument(std::string(name) + ": must be a string"));
  return std::string(value->string_value());
}

Result<std::optional<std::uint32_t>> RequestBody::Number(std::string_view name) const {
  constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
  const std::optional<event::Value> value = Present(name);
  if (!value) return std::nullopt;
  if (value->type() == event::Type::kInt64) {
    const std::int64_t number = value->int64_value();
    if (number >= 0 && number <= kMax) return static_cast<std::uint32_t>(number);
  }
  return Error(InvalidArgument(std::string(name) + ": must be an integer from 0 to " +
                               std::to_string(kMax)));
}

Result<std::optional<double>> RequestBody::Real(std::string_view name, double min,
                                                double max) const {
  const std::optional<event::Value> value = Present(name);
  if (!value) return std::nullopt;
  const std::optional<double> number = ToDouble(*value);
  if (number && *number >= min && *number <= max) return number;
  char limits[64];
  std::snprintf(limits, sizeof limits, "%.15g to %.15g", min, max);
  return Error(InvalidArgument(std::string(name) + ": must be a number from " + limits));
}

}  // namespace auditflow::api
