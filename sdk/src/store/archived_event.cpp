#include "auditflow/store/archived_event.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "auditflow/core/utf8.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::store {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Within what `Validate` lets through.
std::string Fit(std::string_view text) {
  std::string fit;
  for (;;) {
    const std::size_t nul = text.find('\0');
    fit += text.substr(0, nul);
    if (nul == std::string_view::npos || fit.size() > kMaxArchivedText) break;
    fit += kReplacement;
    text.remove_prefix(nul + 1);
  }
  fit.resize(CutUtf8(fit, kMaxArchivedText).size());
  return fit;
}

std::string Find(const event::Event& event, std::span<const std::string> paths) {
  for (const std::string& path : paths) {
    // Most events have it at the top, where this is far quicker.
    const std::optional<event::Value> value = event.root().Find(path);
    if (value && value->is_string() && !value->string_value().empty()) {
      return Fit(value->string_value());
    }
    const std::optional<std::string> text = event::TextAt(event, path);
    if (text && !text->empty()) return Fit(*text);
  }
  return {};
}

std::string FitRule(std::string_view id) {
  return IsValidUtf8(id) ? Fit(id) : Fit(ReplaceInvalidUtf8(id));
}

std::vector<std::string> FitAll(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  all.reserve(texts.size());
  for (const std::string& text : texts) {
    std::string fit = FitRule(text);
    if (!fit.empty() && std::ranges::find(all, fit) == all.end()) all.push_back(std::move(fit));
  }
  return all;
}

Status CheckText(std::string_view field, std::string_view text) {
  if (text.size() > kMaxArchivedText) {
    return InvalidArgument(std::string(field) + ": is longer than " +
                           std::to_string(kMaxArchivedText) + " bytes");
  }
  if (text.find('\0') != std::string_view::npos) {
    return InvalidArgument(std::string(field) + ": contains a NUL character");
  }
  return IsValidUtf8(text) ? Status() : InvalidArgument(std::string(field) + ": is not UTF-8");
}

Status CheckRaw(std::string_view raw) {
  if (raw.empty()) return InvalidArgument("raw: is empty");
  if (raw.find('\0') != std::string_view::npos) return InvalidArgument("raw: contains a NUL byte");
  return IsValidUtf8(raw) ? Status() : InvalidArgument("raw: is not UTF-8");
}

}  // namespace

const ArchiveFields& ArchiveFields::Default() {
  static const ArchiveFields kFields;
  return kFields;
}

ArchivedEvent MakeArchivedEvent(const event::Event& event, const event::Identity& identity,
                                Timestamp received_at, const std::vector<std::string>& rule_ids,
                                const ArchiveFields& fields) {
  ArchivedEvent archived;
  archived.event_id = identity.id;
  archived.timestamp = identity.time.value_or(received_at);
  archived.has_time = identity.time.has_value();
  archived.received_at = received_at;
  archived.source_service = Find(event, fields.source_service);
  archived.server_hostname = Find(event, fields.server_hostname);
  archived.event_type = Find(event, fields.event_type);
  archived.severity = Find(event, fields.severity);
  archived.user_id = Find(event, fields.user_id);
  archived.action_result = Find(event, fields.action_result);
  archived.rule_ids = FitAll(rule_ids);
  archived.raw = event.raw();
  return archived;
}

LaterRule MakeLaterRule(const Uuid& event_id, Timestamp timestamp, std::string_view rule_id) {
  return {event_id, timestamp, FitRule(rule_id)};
}

Status Validate(const LaterRule& rule) { return CheckText("rule_id", rule.rule_id); }

Status Validate(const ArchivedEvent& event) {
  const std::array<std::pair<std::string_view, std::string_view>, 6> texts = {
      {{"source_service", event.source_service},
       {"server_hostname", event.server_hostname},
       {"event_type", event.event_type},
       {"severity", event.severity},
       {"user_id", event.user_id},
       {"action_result", event.action_result}}};
  for (const auto& [field, text] : texts) {
    Status status = CheckText(field, text);
    if (!status.ok()) return status;
  }
  for (const std::string& id : event.rule_ids) {
    Status status = CheckText("rule_ids", id);
    if (!status.ok()) return status;
  }
  return CheckRaw(event.raw);
}

}  // namespace auditflow::store
