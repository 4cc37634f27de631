#include "src/match/route_memo.hpp"

#include <algorithm>
#include <utility>

namespace auditflow::match {

void RouteMemo::Add(std::uint64_t layout, std::span<const std::uint64_t> values,
                    Destination destination) {
  Entry& entry = entries_[IndexOf(layout, values)];
  entry.layout = layout;
  std::copy(values.begin(), values.end(), entry.values.begin());
  entry.destination = std::move(destination);
}

}  // namespace auditflow::match
