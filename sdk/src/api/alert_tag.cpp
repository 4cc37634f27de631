#include "src/api/alert_tag.hpp"

#include <algorithm>
#include <utility>

#include "auditflow/api/alerts.hpp"

namespace auditflow::api {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Whether a list of tags holds this one or is "*". Our tags have no comma in them.
bool Lists(std::string_view list, std::string_view tag, bool weakly) {
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    std::string_view item = Trimmed(list.substr(begin, end - begin));
    if (weakly && item.starts_with("W/")) item.remove_prefix(2);
    if (item == "*" || item == tag) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace

std::string AlertTag(std::uint32_t version) { return '"' + std::to_string(version) + '"'; }

http::Response AlertRow(const store::StoredAlert& stored) {
  std::string row;
  AppendAlertRow(stored, row);
  http::Response response = http::Response::Json(200, std::move(row));
  return response.Set("ETag", AlertTag(stored.state.version));
}

bool HasCurrent(const http::Request& request, std::uint32_t version) {
  const auto list = request.Header("If-None-Match");
  return list && Lists(*list, AlertTag(version), true);
}

bool RefusesVersion(const http::Request& request, std::uint32_t version) {
  const auto list = request.Header("If-Match");
  return list && !Lists(*list, AlertTag(version), false);
}

}  // namespace auditflow::api
