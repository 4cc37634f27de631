#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <pqxx/connection>
#include <pqxx/transaction>

#include "auditflow/store/archived_event.hpp"

namespace auditflow::postgres {

/// Taken shared by who inserts events and exclusively by who lets a rule wait for one: so no event
/// comes in between the look for it and the note. "AuFl" and "rule".
constexpr std::int64_t kWaitingRulesLock = 0x4175466c72756c65;

/// What `EventStore::AddRules` does. Expects valid rules. Throws what libpqxx throws.
/// @return how many wait.
std::size_t AddRules(pqxx::connection& connection, std::span<const store::LaterRule> rules);

/// What waits for the rows of `stage`, a table like `audit_events` in which each event id occurs
/// once, goes into these. To be called under `kWaitingRulesLock`.
void TakeWaitingRules(pqxx::work& transaction, const std::string& stage);

/// Forgets what waits for events before `day`.
void DropWaitingRules(pqxx::connection& connection, Timestamp day);

}  // namespace auditflow::postgres
