#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "auditflow/core/random.hpp"
#include "auditflow/correlate/window_store.hpp"

#include "tests/correlate/naive_windows.hpp"
#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {

using Groups = std::map<std::string, std::vector<Firing>>;

inline constexpr std::uint32_t kEvents = 80;
inline constexpr WindowLimits kNoLimits{.max_contributors = 1000};

inline bool Same(const Firing& a, const Firing& b) {
  const auto all = [](const Firing& f) {
    return std::tie(f.event_id, f.time, f.payload, f.value, f.events, f.first_time, f.contributors);
  };
  return all(a) == all(b);
}

inline std::string Describe(const Groups& groups) {
  std::string text;
  for (const auto& [group, firings] : groups) {
    text += group + ":";
    for (const Firing& firing : firings) {
      text += " " + std::to_string(Number(firing.event_id)) + "=" + std::to_string(firing.value) +
              "/" + std::to_string(firing.events);
    }
    text += "\n";
  }
  return text;
}

inline bool Same(const Groups& a, const Groups& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) {
           return x.first == y.first &&
                  std::equal(x.second.begin(), x.second.end(), y.second.begin(), y.second.end(),
                             [](const Firing& f, const Firing& g) { return Same(f, g); });
         });
}

inline sigma::Condition Slot(std::uint64_t slot) {
  sigma::Condition condition;
  condition.name = std::to_string(slot);
  return condition;
}

/// A random rule and streams for it, on a grid so coarse that equal times and window boundaries are
/// common.
class Scenario {
 public:
  Scenario(sigma::CorrelationType type, std::uint64_t seed) : random_(SeededRandom(seed)) {
    spec_ =
        Spec(type, Duration(Between(1, 12)), {}, type >= sigma::CorrelationType::kTemporal ? 3 : 1);
    spec_.repeat = OneIn(3) ? Repeat::kEvery : Repeat::kOnce;
    spec_.percentile = static_cast<double>(Between(0, 10)) * 10 + (OneIn(3) ? 0.5 : 0);
    spec_.percentile = std::min(spec_.percentile, 100.0);
    lateness_ = Duration(OneIn(3) ? 0 : Between(1, 10));
    if (type < sigma::CorrelationType::kTemporal || OneIn(4)) AddThresholds();
    if (type >= sigma::CorrelationType::kTemporal && OneIn(2))
      spec_.slot_condition = RandomCondition(3);
    if (OneIn(2)) max_step_ = 4;
    if (OneIn(3)) min_step_ = 1;
  }

  const WindowSpec& spec() const { return spec_; }
  Duration lateness() const { return lateness_; }
  bool has_ties() const { return min_step_ == 0; }

  std::vector<WindowUpdate> InOrder() {
    std::vector<WindowUpdate> stream;
    std::int64_t now = 0;
    for (std::uint32_t i = 0; i < kEvents; ++i) {
      now += Between(min_step_, max_step_);
      // Not ascending: ties in time are decided by the id.
      WindowUpdate update = Update(i * 7919 % 1009, AtNanos(now), OneIn(2) ? "g" : "h");
      Fill(update);
      stream.push_back(std::move(update));
    }
    return stream;
  }

  /// Another order of arrival in which no event is later than the allowed lateness.
  std::vector<WindowUpdate> Delayed(const std::vector<WindowUpdate>& stream) {
    std::vector<std::pair<Timestamp, WindowUpdate>> arrivals;
    for (const auto& update : stream) {
      arrivals.emplace_back(update.time + Duration(Between(0, lateness_.count())), update);
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<WindowUpdate> delayed;
    for (auto& [time, update] : arrivals) delayed.push_back(std::move(update));
    return delayed;
  }

  std::vector<WindowUpdate> Shuffled(std::vector<WindowUpdate> stream) {
    for (std::size_t i = stream.size(); i > 1; --i) {
      std::swap(stream[i - 1], stream[random_->Below(i)]);
    }
    return stream;
  }

  /// Each event up to twice more, anywhere after its first arrival.
  std::vector<WindowUpdate> WithDuplicates(std::vector<WindowUpdate> stream) {
    for (int i = 0; i < 100; ++i) {
      const std::size_t original = random_->Below(stream.size());
      const std::size_t place = original + 1 + random_->Below(stream.size() - original);
      const WindowUpdate copy = stream[original];
      stream.insert(stream.begin() + static_cast<std::ptrdiff_t>(place), copy);
    }
    return stream;
  }

  Groups Run(const std::vector<WindowUpdate>& stream) {
    return Run(stream, *NewInMemoryWindowStore({spec_}, lateness_, kNoLimits));
  }

  Groups Run(const std::vector<WindowUpdate>& stream, WindowStore& store) {
    Groups groups;
    const auto add = [&](const std::vector<Firing>& firings) {
      for (const Firing& firing : firings) groups[firing.group].push_back(firing);
    };
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random_->Below(5), stream.size() - at);
      const auto first = stream.begin() + static_cast<std::ptrdiff_t>(at);
      add(Apply(store, {first, first + static_cast<std::ptrdiff_t>(size)}));
      at += size;
    }
    add(Release(store, kEndOfInput));
    return groups;
  }

  Groups Expected(const std::vector<WindowUpdate>& stream) const {
    return NaiveWindows(spec_, lateness_).Run(stream);
  }

 private:
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(random_->Below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool OneIn(std::uint64_t n) { return random_->Below(n) == 0; }

  void AddThresholds() {
    const int count = OneIn(4) ? 2 : 1;
    for (int i = 0; i < count; ++i) {
      spec_.condition.emplace_back(static_cast<sigma::Comparison>(random_->Below(6)),
                                   Between(1, 5));
    }
  }

  sigma::Condition RandomCondition(int depth) {
    using Kind = sigma::Condition::Kind;
    if (depth == 0 || OneIn(4)) return Slot(random_->Below(3));
    sigma::Condition condition;
    condition.kind = OneIn(4) ? Kind::kNot : OneIn(2) ? Kind::kAnd : Kind::kOr;
    const int children = condition.kind == Kind::kNot ? 1 : 2;
    for (int i = 0; i < children; ++i) condition.children.push_back(RandomCondition(depth - 1));
    return condition;
  }

  void Fill(WindowUpdate& update) {
    switch (spec_.type) {
      case sigma::CorrelationType::kEventCount:
        break;
      case sigma::CorrelationType::kValueCount:
        update.value = std::string(1, static_cast<char>('a' + Between(0, 5)));
        break;
      case sigma::CorrelationType::kTemporal:
      case sigma::CorrelationType::kTemporalOrdered:
        update.slots.clear();
        for (std::uint32_t slot = 0; slot < 3; ++slot) {
          if (OneIn(3)) update.slots.push_back(slot);
        }
        if (update.slots.empty()) update.slots = {static_cast<std::uint32_t>(random_->Below(3))};
        break;
      default:
        // Quarters: any order of naive summation is exact.
        update.value = static_cast<double>(Between(-10, 30)) / 4;
    }
  }

  std::unique_ptr<RandomSource> random_;
  WindowSpec spec_;
  Duration lateness_{0};
  std::int64_t min_step_ = 0;
  std::int64_t max_step_ = 2;
};

}  // namespace auditflow::correlate
