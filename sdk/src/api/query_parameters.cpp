#include "src/api/query_parameters.hpp"

#include "auditflow/core/result.hpp"

namespace auditflow::api {

std::string FirstOf(const http::Request& request, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view value = request.Query(name).value_or("");
    if (!value.empty()) return std::string(value);
  }
  return {};
}

Status ReadTime(const http::Request& request, std::string_view name,
                std::optional<Timestamp>& out) {
  constexpr std::size_t kDateLength = 10;
  std::string text(request.Query(name).value_or(""));
  if (text.empty()) return {};
  if (text.size() == kDateLength) text += "T00:00:00Z";
  const Result<Timestamp> time = Timestamp::Parse(text);
  if (!time) return time.error().WithContext(name);
  out = *time;
  return {};
}

}  // namespace auditflow::api
