#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/store/alert_state.hpp"

namespace auditflow::store {

struct StoredAlert {
  alert::Alert alert;
  Timestamp received_at;
  AlertState state = {};
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
  std::optional<AlertStatus> status = {};
  /// Somewhere in alert_name, description, rule_id, rule_name, actor_id, resource_id,
  /// server_hostname or client_ip, ASCII letters in either case. Not indexed: costs a look at every
  /// alert that the other filters let through.
  std::string text = {};
  bool include_deleted = false;
};

/// By what alerts can be counted.
enum class AlertFacet : std::uint8_t {
  kSeverity,
  kAlertType,
  kRuleId,
  kActorId,
  kServerHostname,
  kStatus
};

/// "severity", "alert_type" …: the member of a row of `GET /alerts` and the column of the table
/// `alerts` that holds it.
[[nodiscard]] std::string_view ToString(AlertFacet facet);

struct FacetCount {
  std::string value;  ///< empty where the alerts have none
  std::uint64_t count = 0;

  friend bool operator==(const FacetCount&, const FacetCount&) = default;
};

/// Reads alerts that somebody keeps: an `AlertStore`, or another service that has one.
///
/// Thread safety: thread-safe.
class AlertReader {
 public:
  virtual ~AlertReader() = default;
  /// Newest first: by timestamp, then received_at, then alert_id, all descending. What comes back
  /// is what was stored, but that an empty `client_ip` reads "N/A" and `metadata.extra_json` may
  /// have lost white space, the order of members, and the spelling of numbers and escapes.
  virtual Result<std::vector<StoredAlert>> List(const AlertQuery& query) = 0;
  /// Nothing if there is no such alert or it is deleted.
  virtual Result<std::optional<StoredAlert>> Get(const Uuid& alert_id) = 0;
  /// How many alerts the filters let through; `limit`, `offset` and `after` do not matter.
  virtual Result<std::uint64_t> Count(const AlertQuery& query) = 0;
  /// How many alerts there are of each value, of those that the filters let through; the largest
  /// first, equal ones by the bytes of the value, at most `query.limit` of them. `offset` and
  /// `after` do not matter.
  virtual Result<std::vector<FacetCount>> CountBy(AlertFacet facet, const AlertQuery& query) = 0;
  /// The state after each change, the first one first; also of a deleted alert.
  virtual Result<std::vector<AlertState>> History(const Uuid& alert_id) = 0;

  /// OK if the alerts can be read now.
  virtual Status Ping() = 0;
};

}  // namespace auditflow::store
