#pragma once

#include <span>
#include <vector>

#include <pqxx/connection>

#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::postgres {

/// Inserts the batch in one transaction, with an entry of the outbox for each new alert and each
/// target that takes it: see `AlertStore::Insert` and `Outbox`. Throws what libpqxx throws where
/// no single alert is at fault.
std::vector<store::InsertResult> InsertAlerts(pqxx::connection& connection,
                                              std::span<const alert::Alert> alerts,
                                              std::span<const store::OutboxTarget> targets,
                                              Timestamp received_at);

}  // namespace auditflow::postgres
