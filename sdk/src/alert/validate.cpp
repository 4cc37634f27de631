#include <array>

#include <arpa/inet.h>

#include "auditflow/alert/alert.hpp"
#include "auditflow/event/event.hpp"

#include "src/alert/json_text.hpp"
#include "src/alert/metadata_keys.hpp"
#include "src/alert/text_fields.hpp"

namespace auditflow::alert {
namespace {

Status CheckObject(std::string_view field, std::string_view json, event::Event& object) {
  Status parsed = event::EventParser(kRawEventLimits).ParseInto(json, object);
  if (!parsed.ok()) {
    return InvalidArgument(std::string(field) + ": is no JSON object: " + parsed.message());
  }
  if (!HasNulEscape(json)) return Status();
  return InvalidArgument(std::string(field) + ": contains \\u0000, which databases cannot hold");
}

Status CheckExtra(const std::string& extra) {
  if (extra.empty()) return Status();
  event::Event object;
  Status status = CheckObject("metadata", "{" + extra + "}", object);
  if (!status.ok()) return status;
  for (std::string_view key : kMetadataKeys) {
    if (!object.root().Find(key)) continue;
    return InvalidArgument("metadata." + std::string(key) + ": is given twice");
  }
  return Status();
}

Status CheckClientIp(const std::string& text) {
  if (text.empty() || text == "N/A" || IsIpAddress(text)) return Status();
  return InvalidArgument("triggered_by.client_ip: is neither an IP address nor \"N/A\"");
}

}  // namespace

bool IsIpAddress(std::string_view text) {
  constexpr std::size_t kLongest = INET6_ADDRSTRLEN;
  if (text.size() >= kLongest || text.find('\0') != std::string_view::npos) return false;
  const std::string terminated(text);
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, terminated.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
}

Status Validate(const Alert& alert) {
  Status status = ValidateTexts(alert);
  if (!status.ok()) return status;
  status = CheckClientIp(alert.triggered_by.client_ip);
  if (!status.ok()) return status;
  status = CheckExtra(alert.metadata.extra_json);
  if (!status.ok()) return status;
  event::Event raw;
  return CheckObject("raw_event_data", alert.raw_event_data, raw);
}

}  // namespace auditflow::alert
