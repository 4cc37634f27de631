#include "src/correlate/rank_window.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace auditflow::correlate {

double RankWindow::Percentile() const {
  const double rank = std::ceil(percentile_ * static_cast<double>(size()) / 100.0);
  return numbers_.At(std::clamp(static_cast<std::size_t>(rank), std::size_t{1}, size()) - 1);
}

double RankWindow::Median() const {
  const double lower = numbers_.At((size() - 1) / 2);
  return size() % 2 == 1 ? lower : std::midpoint(lower, numbers_.At(size() / 2));
}

}  // namespace auditflow::correlate
