#include "src/api/alert_request.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "auditflow/core/utf8.hpp"

#include "src/api/query_parameters.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxQuotedBytes = 100;

/// An integer as the contract's peers read it: a sign and space around it are fine. Saturates.
std::optional<std::int64_t> ReadInteger(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool digits =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) value = std::numeric_limits<std::int64_t>::max();
  return negative ? -value : value;
}

Result<std::uint32_t> ReadLimit(const http::Request& request, const AlertsOptions& options) {
  const std::optional<std::string_view> text = request.Query("limit");
  if (!text) return options.default_limit;
  const std::optional<std::int64_t> limit = ReadInteger(*text);
  if (!limit) return Error(InvalidArgument("Limit must be an integer."));
  if (*limit <= 0) return Error(InvalidArgument("Limit must be a positive integer."));
  return static_cast<std::uint32_t>(std::min<std::int64_t>(*limit, options.max_limit));
}

Result<std::uint32_t> ReadOffset(const http::Request& request) {
  const std::optional<std::string_view> text = request.Query("offset");
  if (!text) return 0;
  const std::optional<std::int64_t> offset = ReadInteger(*text);
  if (!offset) return Error(InvalidArgument("Offset must be an integer."));
  if (*offset < 0) return Error(InvalidArgument("Offset cannot be negative."));
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(*offset, std::numeric_limits<std::uint32_t>::max()));
}

Status ReadStatus(const http::Request& request, std::optional<store::AlertStatus>& out) {
  const std::string_view text = request.Query("status").value_or("");
  if (text.empty()) return {};
  const Result<store::AlertStatus> status = store::ParseAlertStatus(text);
  if (!status) return status.error();
  out = *status;
  return {};
}

Status ReadFlag(const http::Request& request, std::string_view name, bool& out) {
  const std::string_view text = request.Query(name).value_or("");
  out = text == "true" || text == "1";
  if (out || text.empty() || text == "false" || text == "0") return {};
  return InvalidArgument(std::string(name) + ": is neither true nor false");
}

}  // namespace

Result<store::AlertQuery> ReadAlertFilters(const http::Request& request) {
  store::AlertQuery query;
  query.severity = request.Query("severity").value_or("");
  query.alert_type = request.Query("alert_type").value_or("");
  query.rule_id = request.Query("rule_id").value_or("");
  query.actor_id = request.Query("actor_id").value_or("");
  query.server_hostname = FirstOf(request, {"server_hostname", "host"});
  query.text = FirstOf(request, {"q", "text"});
  Status status = ReadTime(request, "since", query.since);
  if (status.ok()) status = ReadTime(request, "until", query.until);
  if (status.ok()) status = ReadStatus(request, query.status);
  if (status.ok()) status = ReadFlag(request, "include_deleted", query.include_deleted);
  if (!status.ok()) return Error(status);
  return query;
}

Result<store::AlertQuery> ReadAlertQuery(const http::Request& request,
                                         const AlertsOptions& options) {
  const Result<std::uint32_t> limit = ReadLimit(request, options);
  if (!limit) return Error(limit.error());
  const Result<std::uint32_t> offset = ReadOffset(request);
  if (!offset) return Error(offset.error());
  Result<store::AlertQuery> query = ReadAlertFilters(request);
  if (!query) return query;
  query->limit = *limit;
  query->offset = *offset;
  const std::string_view cursor = request.Query("cursor").value_or("");
  if (cursor.empty()) return query;
  if (*offset > 0) return Error(InvalidArgument("cursor: cannot go together with an offset"));
  const Result<store::AlertCursor> after = DecodeAlertCursor(cursor);
  if (!after) return Error(after.error());
  query->after = *after;
  return query;
}

Result<Uuid> ReadAlertId(std::string_view text) {
  Result<Uuid> id = Uuid::Parse(text);
  if (id) return id;
  return Error(InvalidArgument("Invalid alert ID format: '" +
                               std::string(CutUtf8(text, kMaxQuotedBytes)) +
                               "'. Must be a valid UUID."));
}

}  // namespace auditflow::api
