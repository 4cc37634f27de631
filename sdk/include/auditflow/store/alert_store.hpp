#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"

namespace auditflow::store {

enum class InsertOutcome : std::uint8_t {
  kInserted,
  kDuplicate,  ///< the alert_id was there already; the stored row is unchanged
  kRejected,   ///< this alert cannot be stored, see the reason; the others of the batch are
};

struct InsertResult {
  InsertOutcome outcome = InsertOutcome::kInserted;
  std::string reason;  ///< kRejected: "field: what is wrong"
};

struct StoredAlert {
  alert::Alert alert;
  Timestamp received_at;
};

/// A place in the list of alerts: that of the alert with these three.
struct AlertCursor {
  Timestamp timestamp;
  Timestamp received_at;
  Uuid alert_id;
};

inline AlertCursor CursorOf(const StoredAlert& stored) {
  return {stored.alert.timestamp, stored.received_at, stored.alert.alert_id};
}

struct AlertQuery {
  std::uint32_t limit = 100;
  std::uint32_t offset = 0;
  /// Only what the list has behind this place. Pages that begin at the cursor of the last alert
  /// seen skip and repeat nothing while new alerts come in, and cost the same however deep they
  /// are.
  std::optional<AlertCursor> after = {};
  // Each filter is off when empty.
  std::string severity = {};
  std::string alert_type = {};
  std::string rule_id = {};
  std::string actor_id = {};
  std::string server_hostname = {};
  std::optional<Timestamp> since = {};  ///< timestamp ≥ since
  std::optional<Timestamp> until = {};  ///< timestamp < until
};

/// Keeps alerts, each `alert_id` once.
///
/// Thread safety: thread-safe.
class AlertStore {
 public:
  virtual ~AlertStore() = default;
  /// Stores the batch in one transaction; when it returns, what it reports as inserted survives a
  /// crash. One result per alert, in order. A repeat within the batch is a duplicate. Rejected is
  /// what `alert::Validate` refuses.
  /// @return kUnavailable or another retryable status if nothing was stored.
  virtual Result<std::vector<InsertResult>> Insert(std::span<const alert::Alert> alerts) = 0;
  /// Newest first: by timestamp, then received_at, then alert_id, all descending. What comes back
  /// is what was stored, but that an empty `client_ip` reads "N/A" and `metadata.extra_json` may
  /// have lost white space.
  virtual Result<std::vector<StoredAlert>> List(const AlertQuery& query) = 0;
  /// Nothing if there is no such alert.
  virtual Result<std::optional<StoredAlert>> Get(const Uuid& alert_id) = 0;
  /// How many alerts the filters let through; `limit`, `offset` and `after` do not matter.
  virtual Result<std::uint64_t> Count(const AlertQuery& query) = 0;
  /// OK if the store answers now.
  virtual Status Ping() = 0;
};

}  // namespace auditflow::store
