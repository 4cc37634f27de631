#pragma once

#include <span>
#include <vector>

#include <pqxx/connection>

#include "auditflow/store/event_store.hpp"

namespace auditflow::postgres {

/// Inserts the batch in one transaction: see `EventStore::Insert`. Throws what libpqxx throws where
/// no single event is at fault.
std::vector<store::InsertResult> InsertEvents(pqxx::connection& connection,
                                              std::span<const store::ArchivedEvent> events);

}  // namespace auditflow::postgres
