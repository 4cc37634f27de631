#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// The filters of a list as its page shows them, appended to the page's HTML.
///
/// Thread safety: thread-compatible. `query` must outlive it.
class AlertFilters {
 public:
  explicit AlertFilters(const store::AlertQuery& query) : query_(query) {}

  [[nodiscard]] bool Any() const;
  /// The list with this severity and offset and the filters at hand, escaped for an attribute.
  [[nodiscard]] std::string Link(std::string_view severity, std::uint32_t offset,
                                 bool edit = false) const;
  /// One link per severity, with counts; and the one to the form, unless that is open.
  void AppendChips(const std::vector<store::FacetCount>& severities, bool editing,
                   std::string& out) const;
  /// What the list is narrowed down to.
  void AppendSummary(std::string& out) const;
  void AppendForm(std::string& out) const;

 private:
  void AppendChip(std::string_view severity, std::uint64_t count, std::string& out) const;
  void AppendStatusChoice(std::string& out) const;

  const store::AlertQuery& query_;
};

}  // namespace auditflow::api
