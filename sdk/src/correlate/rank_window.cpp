#include "src/correlate/rank_window.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace auditflow::correlate {

void RankWindow::Add(double value) {
  if (!low_.empty() && value > *low_.rbegin()) {
    high_.insert(value);
  } else {
    low_.insert(value);
  }
  Balance();
}

void RankWindow::Remove(double value) {
  std::multiset<double>& part = value <= *low_.rbegin() ? low_ : high_;
  part.erase(part.find(value));
  Balance();
}

double RankWindow::Median() const {
  if (size() % 2 == 1) return Percentile();
  return std::midpoint(*low_.rbegin(), *high_.begin());
}

void RankWindow::Balance() {
  if (size() == 0) return;
  const double rank = std::ceil(percentile_ * static_cast<double>(size()) / 100.0);
  const std::size_t wanted = std::clamp(static_cast<std::size_t>(rank), std::size_t{1}, size());
  while (low_.size() > wanted) high_.insert(low_.extract(std::prev(low_.end())));
  while (low_.size() < wanted) low_.insert(high_.extract(high_.begin()));
}

}  // namespace auditflow::correlate
