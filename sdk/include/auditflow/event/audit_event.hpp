#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::event {

/// What the platform itself needs to know about any event, whatever its schema.
struct Identity {
  Uuid id;                        ///< see `IdentityOf`
  std::optional<Timestamp> time;  ///< nothing if no time field could be read
  bool id_derived = false;        ///< the document had no UUID of its own
  bool time_missing_or_bad = false;
};

struct IdentityOptions {
  /// Tried in order with `ForEachAt`; the first that holds a readable time wins. Strings by
  /// `Timestamp::Parse`, numbers by `Timestamp::FromUnixNumber`.
  std::vector<std::string> time_fields = {"timestamp",
                                          "@timestamp",
                                          "eventTime",
                                          "UtcTime",
                                          "TimeCreated_SystemTime",
                                          "Event.System.TimeCreated.#attributes.SystemTime",
                                          "EventTime",
                                          "time"};
  std::string id_field = "event_id";
};

/// The id is `event_id` if that is a UUID; else UUIDv5 of `event_id`'s text if that is a non-empty
/// string; else UUIDv5 of the raw bytes. So the same message always has the same id, with or
/// without a field for it.
Identity IdentityOf(const Event& event, const IdentityOptions& options = {});

/// One fault in an audit event of the wire contract: which field, and what is wrong with it.
struct FieldError {
  std::string field;
  std::string reason;
};

/// Checks an event against the audit-event schema of the wire contract: required strings present
/// and strings, `event_id` a UUID, `timestamp` readable, `details` an object. Events of other
/// schemas fail it and are still fine for rules.
/// @return empty if the event conforms.
std::vector<FieldError> CheckAuditEvent(const Event& event);

}  // namespace auditflow::event
