#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "auditflow/store/event_reader.hpp"

// What the implementations of EventReader have in common.

namespace auditflow::store {

/// Makes a page of events that come in the list's order, one more than the page may hold.
///
/// Thread safety: thread-compatible.
class PageBuilder {
 public:
  explicit PageBuilder(std::size_t limit) : limit_(limit) {}

  /// Whether further events would change nothing.
  [[nodiscard]] bool is_complete() const { return limit_ == 0 || page_.next.has_value(); }
  void Add(ArchivedEvent event) {
    if (is_complete()) return;
    bytes_ += event.raw.size();
    const bool full = page_.events.size() == limit_ || bytes_ > kMaxEventPageBytes;
    if (full && !page_.events.empty()) {
      page_.next = CursorOf(page_.events.back());
    } else {
      page_.events.push_back(std::move(event));
    }
  }
  [[nodiscard]] EventPage Finish() { return std::move(page_); }

 private:
  const std::size_t limit_;
  std::size_t bytes_ = 0;
  EventPage page_;
};

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
