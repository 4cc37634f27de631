#pragma once

#include <span>
#include <vector>

#include <pqxx/connection>

#include "auditflow/store/alert_store.hpp"

namespace auditflow::postgres {

/// Inserts the batch in one transaction: see `AlertStore::Insert`. Throws what libpqxx throws where
/// no single alert is at fault.
std::vector<store::InsertResult> InsertAlerts(pqxx::connection& connection,
                                              std::span<const alert::Alert> alerts,
                                              Timestamp received_at);

}  // namespace auditflow::postgres
