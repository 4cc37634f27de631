#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auditflow/correlate/window_store.hpp"

#include "src/correlate/rule_windows.hpp"
#include "src/correlate/update_check.hpp"

namespace auditflow::correlate {
namespace {

class InMemoryWindowStore final : public WindowStore {
 public:
  explicit InMemoryWindowStore(std::vector<std::shared_ptr<RuleWindows>> rules)
      : rules_(std::move(rules)) {}

  Result<std::vector<Firing>> Apply(std::span<const WindowUpdate> updates) override {
    for (std::size_t i = 0; i < updates.size(); ++i) {
      if (Status status = Check(i, updates[i]); !status.ok()) return Error(std::move(status));
    }
    std::vector<Firing> firings;
    for (const WindowUpdate& update : updates) {
      const std::size_t before = firings.size();
      rules_[update.spec]->Apply(update, firings);
      for (std::size_t i = before; i < firings.size(); ++i) firings[i].spec = update.spec;
    }
    return firings;
  }

  Result<std::vector<Firing>> Release(Timestamp now) override {
    std::vector<Firing> firings;
    for (std::uint32_t spec = 0; spec < rules_.size(); ++spec) {
      const std::size_t before = firings.size();
      rules_[spec]->Release(now, firings);
      for (std::size_t i = before; i < firings.size(); ++i) firings[i].spec = spec;
    }
    // Stable: within a group the order of evaluation stays.
    std::stable_sort(firings.begin(), firings.end(), [](const Firing& a, const Firing& b) {
      return std::tie(a.time, a.spec, a.group) < std::tie(b.time, b.spec, b.group);
    });
    return firings;
  }

  [[nodiscard]] WindowStatistics Statistics() const override {
    WindowStatistics sum;
    for (const auto& rule : rules_) rule->AddStatistics(sum);
    return sum;
  }

  [[nodiscard]] const std::vector<std::shared_ptr<RuleWindows>>& rules() const { return rules_; }

 private:
  [[nodiscard]] Status Check(std::size_t index, const WindowUpdate& update) const {
    std::string_view fault = "spec: out of range";
    if (update.spec < rules_.size()) fault = FaultOf(rules_[update.spec]->plan().spec, update);
    if (fault.empty()) return {};
    return InvalidArgument("update " + std::to_string(index) + ": " + std::string(fault));
  }

  std::vector<std::shared_ptr<RuleWindows>> rules_;
};

/// Windows by key. Each is taken once: rules that are alike in all but their place have windows of
/// their own.
class KnownWindows {
 public:
  explicit KnownWindows(const InMemoryWindowStore* store) {
    if (store == nullptr) return;
    for (const auto& rule : store->rules()) {
      if (!rule->plan().spec.key.empty()) by_key_.emplace(rule->plan().spec.key, rule);
    }
  }

  /// Null if there are none, or with another lateness: the order of what waits would no longer be
  /// the one promised.
  std::shared_ptr<RuleWindows> Take(const WindowPlan& plan) {
    const auto found = by_key_.find(plan.spec.key);
    if (found == by_key_.end() || found->second->plan().lateness != plan.lateness) return nullptr;
    return std::move(by_key_.extract(found).mapped());
  }

 private:
  std::unordered_multimap<std::string, std::shared_ptr<RuleWindows>> by_key_;
};

}  // namespace

WindowStatistics& WindowStatistics::operator+=(const WindowStatistics& other) {
  applied += other.applied;
  duplicates += other.duplicates;
  late += other.late;
  future += other.future;
  dropped_groups += other.dropped_groups;
  dropped_events += other.dropped_events;
  groups += other.groups;
  pending += other.pending;
  return *this;
}

std::unique_ptr<WindowStore> NewInMemoryWindowStore(std::vector<WindowSpec> specs,
                                                    Duration allowed_lateness,
                                                    const WindowLimits& limits,
                                                    const WindowStore* previous) {
  KnownWindows known(dynamic_cast<const InMemoryWindowStore*>(previous));
  std::vector<std::shared_ptr<RuleWindows>> rules;
  rules.reserve(specs.size());
  for (WindowSpec& spec : specs) {
    WindowPlan plan(std::move(spec), allowed_lateness, limits);
    auto rule = known.Take(plan);
    if (rule == nullptr) rule = std::make_shared<RuleWindows>(std::move(plan));
    rules.push_back(std::move(rule));
  }
  return std::make_unique<InMemoryWindowStore>(std::move(rules));
}

}  // namespace auditflow::correlate
