#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/store/event_store.hpp"

namespace auditflow::store {

/// The value by which a facet counts the event; not for kRuleId, of which it may have several.
std::string_view ValueOf(EventFacet facet, const ArchivedEvent& event);

/// Puts counts into series as `EventStats` has them.
///
/// Thread safety: thread-compatible.
class StatsBuilder {
 public:
  /// Expects a valid query.
  explicit StatsBuilder(const StatsQuery& query);
  void Add(std::string_view value, std::int64_t bucket, std::uint64_t count);
  /// What is known to be in no series.
  void AddOther(std::int64_t bucket, std::uint64_t count);
  [[nodiscard]] EventStats Finish();

 private:
  static void Count(EventSeries& series, std::int64_t bucket, std::uint64_t count);

  const std::uint32_t limit_;
  const std::uint32_t buckets_;
  EventStats stats_;
  std::map<std::string, EventSeries, std::less<>> series_;
};

}  // namespace auditflow::store
