#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/event/audit_event.hpp"

namespace auditflow::store {

/// An event as the archive keeps it: its bytes, and what it can be found by.
///
/// Two of them are the same event if `event_id` and `timestamp` are equal. One that states no time
/// of its own is the same as any with its `event_id`: its `timestamp` is another at each delivery.
struct ArchivedEvent {
  Uuid event_id;
  Timestamp timestamp;    ///< the event's own; `received_at` where it states none
  bool has_time = true;   ///< whether `timestamp` is the event's own
  Timestamp received_at;  ///< when the platform got it
  // Found in the event; empty where it has none. UTF-8 without NUL, `kMaxArchivedText` bytes.
  std::string source_service = {};
  std::string server_hostname = {};
  std::string event_type = {};
  std::string severity = {};
  std::string user_id = {};
  std::string action_result = {};
  std::vector<std::string> rule_ids = {};  ///< of the rules that matched, each once; as the above
  std::string raw = {};                    ///< the event's own bytes: one JSON object

  friend bool operator==(const ArchivedEvent&, const ArchivedEvent&) = default;
};

/// A rule that turned out to match an event after the event's own batch: a correlation that had
/// waited for late events.
struct LaterRule {
  Uuid event_id;
  Timestamp timestamp;  ///< the event's own; where it states none, any
  std::string rule_id;  ///< as in `ArchivedEvent::rule_ids`

  friend bool operator==(const LaterRule&, const LaterRule&) = default;
};

/// Longer texts are cut: a column is there to find the event by, and `raw` has all of it. Bytes.
constexpr std::size_t kMaxArchivedText = 1024;

/// Where in an event its columns are looked for: paths as `event::TextAt` reads them, the first
/// that holds a value wins. By default the wire contract's names, then what ECS, Windows' event log
/// and CloudTrail call the same.
struct ArchiveFields {
  std::vector<std::string> source_service = {"source_service", "service.name", "eventSource",
                                             "Channel"};
  std::vector<std::string> server_hostname = {"server_hostname", "host.name", "Computer",
                                              "hostname"};
  std::vector<std::string> event_type = {"event_type", "event.action", "eventName", "EventID"};
  std::vector<std::string> severity = {"severity", "log.level", "Level"};
  std::vector<std::string> user_id = {"user_id", "user.name", "userIdentity.arn", "TargetUserName",
                                      "User"};
  std::vector<std::string> action_result = {"action_result", "event.outcome"};

  /// The defaults; one for the whole process.
  static const ArchiveFields& Default();
};

/// What the archive keeps of an event of any schema. Never invalid: texts that are too long are
/// cut, and a NUL in one becomes U+FFFD, so that no value of one field keeps an event out of the
/// archive.
/// @param rule_ids of the rules that matched; the result has each once, in their order.
ArchivedEvent MakeArchivedEvent(const event::Event& event, const event::Identity& identity,
                                Timestamp received_at, const std::vector<std::string>& rule_ids,
                                const ArchiveFields& fields = ArchiveFields::Default());

/// Never invalid, as above.
LaterRule MakeLaterRule(const Uuid& event_id, Timestamp timestamp, std::string_view rule_id);

/// Whether every archive can hold it: the texts as stated above, `raw` UTF-8 without NUL bytes and
/// not empty.
/// @return kInvalidArgument "field: what is wrong".
Status Validate(const ArchivedEvent& event);
Status Validate(const LaterRule& rule);

}  // namespace auditflow::store
