#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/store/archived_event.hpp"

namespace auditflow::store {

/// A place in the list of events: that of the event with these two.
struct EventCursor {
  Timestamp timestamp;
  Uuid event_id;

  friend bool operator==(const EventCursor&, const EventCursor&) = default;
};

inline EventCursor CursorOf(const ArchivedEvent& event) {
  return {event.timestamp, event.event_id};
}

/// Which events. Each filter is off when empty.
struct EventFilter {
  std::optional<Uuid> event_id = {};
  std::string source_service = {};
  std::string server_hostname = {};
  std::string event_type = {};
  std::string severity = {};
  std::string user_id = {};
  std::string action_result = {};
  std::string rule_id = {};             ///< one of the rules that matched
  bool matched = false;                 ///< only events that some rule matched
  std::optional<Timestamp> since = {};  ///< timestamp ≥ since
  std::optional<Timestamp> until = {};  ///< timestamp < until
  /// Somewhere in `raw`, ASCII letters in either case. Not indexed: costs a look at every event
  /// that the other filters let through.
  std::string text = {};
};

struct EventQuery {
  EventFilter filter = {};
  std::uint32_t limit = 100;
  /// Only what the list has behind this place.
  std::optional<EventCursor> after = {};
};

/// Newest first: by timestamp, then event_id, both descending.
struct EventPage {
  std::vector<ArchivedEvent> events;
  /// Where the next page goes on (`EventQuery::after`); nothing at the end of the list.
  std::optional<EventCursor> next;
};

/// A page ends early, with at least one event, where its `raw` would exceed this. Bytes.
constexpr std::size_t kMaxEventPageBytes = std::size_t{8} << 20U;

/// By what events can be counted.
enum class EventFacet : std::uint8_t {
  kNone,
  kEventType,
  kActionResult,
  kServerHostname,
  kSeverity,
  kUserId,
  kSourceService,
  kRuleId,  ///< an event counts for each rule that matched; events that none matched do not
};

/// "none", "event_type", "action_result", "server_hostname", "severity", "user_id",
/// "source_service" or "rule_id".
[[nodiscard]] std::string_view ToString(EventFacet facet);
/// @return kInvalidArgument for any other text.
Result<EventFacet> ParseEventFacet(std::string_view text);

/// Counts of events over time. Buckets begin at multiples of their length since 1970-01-01T00:00Z,
/// the first one at or before `filter.since`.
struct StatsQuery {
  EventFilter filter = {};                  ///< needs `since` and `until`
  Duration bucket = std::chrono::hours(1);  ///< whole seconds
  EventFacet by = EventFacet::kNone;
  std::uint32_t limit = 20;  ///< values with a series of their own: the most frequent ones
};

/// More are refused.
constexpr std::uint32_t kMaxStatsBuckets = 2000;
constexpr std::uint32_t kMaxStatsSeries = 1000;

/// @return kInvalidArgument "since: …", "until: …", "bucket: …" or "limit: …".
Status Validate(const StatsQuery& query);
/// When the first bucket begins, and how many there are. Expects a valid query.
[[nodiscard]] Timestamp FirstBucket(const StatsQuery& query);
[[nodiscard]] std::uint32_t BucketCount(const StatsQuery& query);

struct EventSeries {
  std::string value;  ///< empty where the events have none
  std::uint64_t total = 0;
  std::vector<std::uint64_t> counts;  ///< one for each bucket

  friend bool operator==(const EventSeries&, const EventSeries&) = default;
};

struct EventStats {
  Timestamp first_bucket;
  Duration bucket{};
  /// The largest total first, equal ones by the bytes of the value. For kNone one series with an
  /// empty value, or none if there is no event.
  std::vector<EventSeries> series;
  /// What is in no series because there are more values than `limit`; value empty, total 0 if
  /// nothing is.
  EventSeries other;
};

/// Reads events that an archive keeps.
///
/// Thread safety: thread-safe.
class EventReader {
 public:
  virtual ~EventReader() = default;
  /// Pages that begin at the cursor of the one before skip and repeat nothing while new events
  /// come in, and cost the same however deep they are.
  virtual Result<EventPage> List(const EventQuery& query) = 0;
  /// Of several with that id the newest; nothing if there is none.
  virtual Result<std::optional<ArchivedEvent>> Get(const Uuid& event_id) = 0;
  /// @return kInvalidArgument as `Validate`.
  virtual Result<EventStats> Stats(const StatsQuery& query) = 0;

  /// OK if the events can be read now.
  virtual Status Ping() = 0;
};

}  // namespace auditflow::store
