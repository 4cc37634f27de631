#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "auditflow/store/alert_reader.hpp"
#include "auditflow/store/insert_result.hpp"

namespace auditflow::store {

/// Keeps alerts, each `alert_id` once.
///
/// Thread safety: thread-safe.
class AlertStore : public AlertReader {
 public:
  /// Stores the batch in one transaction; when it returns, what it reports as inserted survives a
  /// crash. One result per alert, in order. A repeat within the batch is a duplicate. Rejected is
  /// what `alert::Validate` refuses.
  /// @return kUnavailable or another retryable status if nothing was stored.
  virtual Result<std::vector<InsertResult>> Insert(std::span<const alert::Alert> alerts) = 0;

  /// Gives an alert a status, be it the one that it has, and keeps who did so, when and why.
  /// @return the alert as it is now; kInvalidArgument for a bad note, kNotFound if there is no such
  /// alert or it is deleted, kFailedPrecondition if it has another version than the note expects.
  virtual Result<StoredAlert> SetStatus(const Uuid& alert_id, AlertStatus status,
                                        const ChangeNote& note) = 0;
  /// Hides an alert from then on, unless a query asks for deleted ones. It keeps its place: should
  /// it come in again, it is a duplicate.
  /// @return as `SetStatus`.
  virtual Result<StoredAlert> Delete(const Uuid& alert_id, const ChangeNote& note) = 0;
};

}  // namespace auditflow::store
