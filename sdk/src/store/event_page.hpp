#pragma once

#include <cstddef>
#include <utility>

#include "auditflow/store/event_reader.hpp"

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

}  // namespace auditflow::store
