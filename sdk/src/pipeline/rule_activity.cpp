#include "auditflow/pipeline/rule_activity.hpp"

#include <atomic>
#include <map>
#include <utility>

namespace auditflow::pipeline {
namespace {

/// One thread writes, so no increment can be lost: this is an ordinary addition that others may
/// read.
void Add(std::atomic<std::uint64_t>& count, std::uint64_t by) {
  count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

struct RuleActivity::Counts {
  std::atomic<std::uint64_t> matches{0};
  std::atomic<std::uint64_t> timed_events{0};
  std::atomic<std::uint64_t> timed_nanos{0};

  void GoOnWith(const Counts& old) {
    Add(matches, old.matches.load(std::memory_order_relaxed));
    Add(timed_events, old.timed_events.load(std::memory_order_relaxed));
    Add(timed_nanos, old.timed_nanos.load(std::memory_order_relaxed));
  }
};

struct RuleActivity::Table {
  explicit Table(const RulePackage& rules) {
    std::map<std::string, std::uint32_t> known;
    const auto add = [&](const std::vector<alert::AlertTemplate>& templates,
                         std::vector<std::uint32_t>& series) {
      for (const alert::AlertTemplate& rule : templates) {
        const auto next = static_cast<std::uint32_t>(ids.size());
        const auto [at, is_new] = known.emplace(rule.rule_id, next);
        if (is_new) ids.push_back(rule.rule_id);
        series.push_back(at->second);
      }
    };
    add(rules.detection_alerts, of_detection);
    add(rules.correlation_alerts, of_correlation);
    counts = std::make_unique<Counts[]>(ids.size());
  }

  void GoOnWith(const Table& old) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < old.ids.size(); ++i) places.emplace(old.ids[i], i);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto before = places.find(ids[i]);
      if (before != places.end()) counts[i].GoOnWith(old.counts[before->second]);
    }
  }

  std::vector<std::string> ids;               ///< by series
  std::vector<std::uint32_t> of_detection;    ///< rule → series
  std::vector<std::uint32_t> of_correlation;  ///< likewise
  std::unique_ptr<Counts[]> counts;           ///< by series
};

RuleActivity::RuleActivity(const RulePackage& rules)
    : table_(std::make_shared<Table>(rules)), counting_(table_.get()) {}
RuleActivity::~RuleActivity() = default;

void RuleActivity::UseRules(const RulePackage& rules) {
  auto next = std::make_shared<Table>(rules);
  next->GoOnWith(*counting_);
  counting_ = next.get();
  const std::scoped_lock lock(mutex_);
  table_ = std::move(next);
}

void RuleActivity::CountMatches(std::span<const match::RuleIndex> matches) {
  for (const match::RuleIndex rule : matches) {
    Add(counting_->counts[counting_->of_detection[rule]].matches, 1);
  }
}

void RuleActivity::CountHit(std::uint32_t correlation) {
  Add(counting_->counts[counting_->of_correlation[correlation]].matches, 1);
}

void RuleActivity::AddTime(match::RuleIndex rule, std::size_t events, Duration taken) {
  Counts& counts = counting_->counts[counting_->of_detection[rule]];
  Add(counts.timed_events, events);
  Add(counts.timed_nanos, static_cast<std::uint64_t>(taken.count()));
}

std::shared_ptr<const RuleActivity::Table> RuleActivity::table() const {
  const std::scoped_lock lock(mutex_);
  return table_;
}

std::vector<observe::RuleNumbers> RuleActivity::Numbers() const {
  const std::shared_ptr<const Table> current = table();
  std::vector<observe::RuleNumbers> numbers;
  numbers.reserve(current->ids.size());
  for (std::size_t i = 0; i < current->ids.size(); ++i) {
    const Counts& counts = current->counts[i];
    const auto nanos = counts.timed_nanos.load(std::memory_order_relaxed);
    numbers.push_back({current->ids[i], counts.matches.load(std::memory_order_relaxed),
                       counts.timed_events.load(std::memory_order_relaxed),
                       static_cast<double>(nanos) / 1e9});
  }
  return numbers;
}

}  // namespace auditflow::pipeline
