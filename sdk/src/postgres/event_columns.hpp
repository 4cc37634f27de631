#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <pqxx/row>

#include "auditflow/store/archived_event.hpp"

namespace auditflow::postgres {

/// The columns of `audit_events`, in the order in which rows are copied.
constexpr std::array<std::string_view, 14> kEventColumns = {
    "event_id",       "timestamp",      "timestamp_nanos", "has_time",   "received_at",
    "received_nanos", "source_service", "server_hostname", "event_type", "severity",
    "user_id",        "action_result",  "rule_ids",        "raw"};

/// "event_id, timestamp, …"
const std::string& EventColumnList();

/// The values as PostgreSQL reads them. Expects a valid event.
std::array<std::string, kEventColumns.size()> EventTexts(const store::ArchivedEvent& event);

/// The list behind SELECT whose rows `ReadEvent` understands.
const std::string& EventSelectList();
store::ArchivedEvent ReadEvent(const pqxx::row& row);

}  // namespace auditflow::postgres
