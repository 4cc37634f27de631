// Correlations of every kind, and of each other, over random histories that arrive in random
// orders: whatever the order within the lateness, they hit as a quadratic reference says.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/correlate/correlator.hpp"
#include "auditflow/event/event.hpp"

#include "tests/correlate/correlator_harness.hpp"
#include "tests/correlate/naive_windows.hpp"
#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {
namespace {

using sigma::Comparison;
using sigma::CorrelationType;

constexpr std::uint64_t kHistories = 300;
constexpr int kOrders = 6;
constexpr std::uint32_t kEvents = 60;
constexpr Duration kGrid = std::chrono::milliseconds(250);
constexpr Duration kUnlimited = std::chrono::hours(1);

enum Kind : std::uint32_t { kFailed, kLogin, kSudo, kBurstHit, kBreakInHit };

/// An event, or a hit that another correlation looks at.
struct Happening {
  std::uint32_t id = 0;
  Timestamp time;
  Kind kind = kFailed;
  std::string user;
  std::string target;
  std::string host;
  double number = 0;
};

/// A hit by all that must not depend on the order of arrival.
struct Fact {
  std::string rule;
  std::string group;
  std::uint32_t event = 0;
  double value = 0;
  std::uint64_t events = 0;
  bool output = true;
  friend auto operator<=>(const Fact&, const Fact&) = default;
};
using Facts = std::multiset<Fact>;

std::string ToText(const Facts& facts) {
  std::string text;
  for (const Fact& fact : facts) {
    text += fact.rule + "(" + fact.group + ")@" + std::to_string(fact.event) + "=" +
            std::to_string(fact.value) + "/" + std::to_string(fact.events) + " ";
  }
  return text;
}

/// A correlation in Sigma's words and in those of the reference.
struct Rule {
  std::string name;
  std::string text;  ///< of the correlation, but for the name and the timespan
  WindowSpec spec;
  std::vector<Kind> slots;  ///< the rules it refers to
  std::string Happening::*group = nullptr;
  std::string Happening::*group_of_first_slot = nullptr;  ///< an alias
  std::string Happening::*distinct = nullptr;
  bool output = true;
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(SeededRandom(seed)) {
    strict_ = OneIn(2);
    repeat_ = OneIn(3) ? Repeat::kEvery : Repeat::kOnce;
    lateness_ = kGrid * Between(1, 12);
    AddValueRules();
    AddTemporalRules();
    AddChains();
    Timestamp now = At(0);
    for (std::uint32_t i = 0; i < kEvents; ++i) {
      now = now + kGrid * Between(strict_ ? 1 : 0, OneIn(10) ? 12 : 2);
      // Ties in time are decided by the id.
      happenings_.push_back({i * 7919 % 1009, now, static_cast<Kind>(Between(0, 2)), Name('u', 2),
                             Name('u', 2), Name('h', 3), static_cast<double>(Between(-8, 24)) / 4});
    }
  }

  Duration lateness() const { return lateness_; }
  Repeat repeat() const { return repeat_; }

  std::string Text() const {
    std::string text;
    for (const Rule& rule : rules_) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rule.spec.timespan);
      text += "---\ntitle: " + rule.name + "\nname: " + rule.name + "\ncorrelation: {" + rule.text +
              ", timespan: " + std::to_string(seconds.count()) + "s}\n";
    }
    return text.substr(4);
  }

  /// What has to be hit, by the reference.
  Facts Expected() const {
    Facts facts;
    std::vector<Happening> seen = happenings_;
    for (const Rule& rule : rules_) {
      const auto hits = Hits(rule, seen);
      for (const auto& [group, firings] : hits) {
        for (const Firing& firing : firings) {
          facts.insert({rule.name, group, Number(firing.event_id), firing.value, firing.events,
                        rule.output});
          if (rule.name == "burst") seen.push_back(HitOf(kBurstHit, firing));
          if (rule.name == "breakin") seen.push_back(HitOf(kBreakInHit, firing));
        }
      }
    }
    return facts;
  }

  /// Places of events in an order of arrival, with the time at which each arrives: at most the
  /// lateness after its own. Some arrive twice.
  std::vector<std::pair<Timestamp, std::size_t>> Arrivals() {
    std::vector<std::pair<Timestamp, std::size_t>> arrivals;
    const std::int64_t most = OneIn(4) ? 0 : lateness_ / kGrid;
    for (std::size_t i = 0; i < happenings_.size(); ++i) {
      const Timestamp time = happenings_[i].time;
      // The earliest and the latest more often than anything between.
      const std::int64_t delay = OneIn(3) ? 0 : OneIn(2) ? most : Between(0, most);
      arrivals.emplace_back(time + kGrid * delay, i);
      if (OneIn(6)) arrivals.emplace_back(time + kGrid * Between(delay, most), i);
    }
    for (std::size_t i = arrivals.size(); i > 1; --i) {
      std::swap(arrivals[i - 1], arrivals[random_->Below(i)]);
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return arrivals;
  }

  const std::vector<Happening>& happenings() const { return happenings_; }

 private:
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(random_->Below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool OneIn(std::uint64_t n) { return random_->Below(n) == 0; }
  std::string Name(char kind, std::int64_t count) {
    return std::string(1, kind) + std::to_string(Between(1, count));
  }

  Rule& Add(std::string name, CorrelationType type, std::string_view rules, std::vector<Kind> slots,
            std::string Happening::*group) {
    Rule rule;
    rule.name = std::move(name);
    rule.text = "type: " + std::string(ToString(type)) + ", rules: [" + std::string(rules) + "]";
    if (group == &Happening::user) rule.text += ", group-by: [user]";
    if (group == &Happening::host) rule.text += ", group-by: [host]";
    rule.spec = Spec(type, std::chrono::seconds(Between(1, 5)), {},
                     static_cast<std::uint32_t>(slots.size()));
    rule.spec.repeat = repeat_;
    rule.slots = std::move(slots);
    rule.group = group;
    return rules_.emplace_back(std::move(rule));
  }

  void Compare(Rule& rule, Comparison comparison, std::string_view word, std::int64_t threshold,
               std::string_view more = "") {
    rule.spec.condition.emplace_back(comparison, threshold);
    rule.text += ", condition: {" + std::string(more) + std::string(word) + ": " +
                 std::to_string(threshold) + "}";
  }

  void AddValueRules() {
    Compare(Add("burst", CorrelationType::kEventCount, "failed", {kFailed}, &Happening::user),
            Comparison::kGte, "gte", Between(2, 3));
    Rule& range =
        Add("range", CorrelationType::kEventCount, "failed, login", {kFailed, kLogin}, nullptr);
    range.spec.condition = {{Comparison::kGt, 1}, {Comparison::kLte, 3}};
    range.text += ", condition: {gt: 1, lte: 3}";
    Rule& distinct =
        Add("distinct", CorrelationType::kValueCount, "login", {kLogin}, &Happening::user);
    distinct.distinct = &Happening::host;
    Compare(distinct, Comparison::kGte, "gte", 2, "field: host, ");
    constexpr std::string_view kNumber = "field: v, ";
    Compare(Add("sum", CorrelationType::kValueSum, "failed", {kFailed}, &Happening::host),
            Comparison::kGt, "gt", Between(2, 8), kNumber);
    Compare(Add("average", CorrelationType::kValueAvg, "login", {kLogin}, nullptr), Comparison::kLt,
            "lt", Between(1, 3), kNumber);
    Rule& percentile =
        Add("percentile", CorrelationType::kValuePercentile, "sudo", {kSudo}, nullptr);
    percentile.spec.percentile = 70;
    Compare(percentile, Comparison::kGte, "gte", Between(2, 5), "field: v, percentile: 70, ");
    Compare(Add("median", CorrelationType::kValueMedian, "login", {kLogin}, &Happening::user),
            Comparison::kLte, "lte", Between(1, 4), kNumber);
  }

  void AddTemporalRules() {
    Add("together", CorrelationType::kTemporal, "failed, login, sudo", {kFailed, kLogin, kSudo},
        &Happening::user);
    Rule& without = Add("without", CorrelationType::kTemporal, "failed, login, sudo",
                        {kFailed, kLogin, kSudo}, &Happening::user);
    without.spec.slot_condition = FailedAndSudoNotLogin();
    without.text += ", condition: failed and sudo and not login";
    if (!strict_) return;  // at equal times the order of arrival counts
    Add("ordered", CorrelationType::kTemporalOrdered, "failed, login", {kFailed, kLogin},
        &Happening::user);
    Rule& alias = Add("alias", CorrelationType::kTemporalOrdered, "failed, login",
                      {kFailed, kLogin}, nullptr);
    alias.group = &Happening::user;
    alias.group_of_first_slot = &Happening::target;
    alias.text += ", group-by: [who], aliases: {who: {failed: target, login: user}}";
  }

  void AddChains() {
    Rule& users = Add("users", CorrelationType::kValueCount, "burst", {kBurstHit}, nullptr);
    users.distinct = &Happening::user;
    Compare(users, Comparison::kGte, "gte", 2, "field: user, ");
    users.text += ", generate: true";
    Add("breakin", CorrelationType::kTemporal, "burst, login", {kBurstHit, kLogin},
        &Happening::user)
        .output = false;
    Compare(Add("series", CorrelationType::kEventCount, "breakin", {kBreakInHit}, nullptr),
            Comparison::kGte, "gte", 2);
    if (!strict_) return;
    Add("sequence", CorrelationType::kTemporalOrdered, "burst, login", {kBurstHit, kLogin},
        &Happening::user);
  }

  static sigma::Condition FailedAndSudoNotLogin() {
    using ConditionKind = sigma::Condition::Kind;
    const auto slot = [](const char* name) {
      sigma::Condition condition;
      condition.name = name;
      return condition;
    };
    const auto over = [](ConditionKind kind, std::vector<sigma::Condition> children) {
      sigma::Condition condition;
      condition.kind = kind;
      condition.children = std::move(children);
      return condition;
    };
    return over(ConditionKind::kAnd, {over(ConditionKind::kAnd, {slot("0"), slot("2")}),
                                      over(ConditionKind::kNot, {slot("1")})});
  }

  std::map<std::string, std::vector<Firing>> Hits(const Rule& rule,
                                                  std::vector<Happening> seen) const {
    std::stable_sort(seen.begin(), seen.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    std::vector<WindowUpdate> updates;
    for (const Happening& one : seen) {
      const auto slot = std::find(rule.slots.begin(), rule.slots.end(), one.kind);
      if (slot == rule.slots.end()) continue;
      WindowUpdate update = Update(one.id, one.time, "");
      update.slots = {static_cast<std::uint32_t>(slot - rule.slots.begin())};
      const bool aliased = rule.group_of_first_slot != nullptr && update.slots.front() == 0;
      const auto group = aliased ? rule.group_of_first_slot : rule.group;
      if (group != nullptr) update.group = one.*group;
      update.value = one.number;
      if (rule.distinct != nullptr) update.value = one.*rule.distinct;
      updates.push_back(std::move(update));
    }
    return NaiveWindows(rule.spec, kUnlimited).Run(updates);
  }

  Happening HitOf(Kind kind, const Firing& firing) const {
    Happening hit =
        *std::find_if(happenings_.begin(), happenings_.end(),
                      [&](const Happening& one) { return Id(one.id) == firing.event_id; });
    hit.kind = kind;
    return hit;
  }

  std::unique_ptr<RandomSource> random_;
  bool strict_ = false;  // no two events at one time
  Repeat repeat_ = Repeat::kOnce;
  Duration lateness_{0};
  std::deque<Rule> rules_;
  std::vector<Happening> happenings_;
};

/// Feeds a history to a correlator in an order of arrival, releasing by the clock as an analyzer
/// does.
class Replay {
 public:
  explicit Replay(const History& history) : history_(history), rules_(Rules(history.Text())) {
    event::EventParser parser;
    for (const Happening& one : history.happenings()) {
      events_.push_back(parser
                            .Parse(R"({"user":")" + one.user + R"(","target":")" + one.target +
                                   R"(","host":")" + one.host + R"(","v":)" +
                                   std::to_string(one.number) + "}")
                            .value());
    }
  }

  Facts Hits(const std::vector<std::pair<Timestamp, std::size_t>>& arrivals) {
    CorrelatorOptions options;
    options.allowed_lateness = history_.lateness();
    options.repeat = history_.repeat();
    const auto correlator = Correlator::Create(rules_, nullptr, options).value();
    Facts facts;
    Timestamp released = At(0);
    for (const auto& [arrival, place] : arrivals) {
      const Happening& one = history_.happenings()[place];
      const std::array<std::uint32_t, 1> matches = {one.kind};
      const Observation observation{&events_[place], Id(one.id), one.time, arrival, matches};
      if (arrival - released >= history_.lateness() / kReleasesPerLateness) {
        released = arrival;
        Add(correlator->Release(arrival).value(), facts);
      }
      Add(correlator->Observe({&observation, 1}).value(), facts);
    }
    Add(correlator->Release(kEndOfInput).value(), facts);
    EXPECT_EQ(correlator->Statistics().windows.late, 0U);
    return facts;
  }

 private:
  void Add(const std::vector<CorrelationHit>& hits, Facts& facts) const {
    for (const CorrelationHit& hit : hits) {
      facts.insert({rules_->rules.correlations[hit.correlation].metadata.name,
                    hit.group.empty() ? "" : hit.group.front().second, Number(hit.event_id),
                    hit.value, hit.events, hit.output});
    }
  }

  const History& history_;
  std::shared_ptr<const sigma::LinkedRules> rules_;
  std::vector<event::Event> events_;
};

TEST(ChainProperty, AnyOrderOfArrivalWithinTheLatenessHitsAsTheReferenceSays) {
  std::map<std::string, std::size_t> hits_of;
  for (std::uint64_t seed = 0; seed < kHistories; ++seed) {
    History history(seed);
    Replay replay(history);
    const Facts expected = history.Expected();
    for (int order = 0; order < kOrders; ++order) {
      const Facts actual = replay.Hits(history.Arrivals());
      ASSERT_EQ(actual, expected) << "seed " << seed << ", order " << order << "\n"
                                  << ToText(actual) << "\nexpected\n"
                                  << ToText(expected);
    }
    for (const Fact& fact : expected) ++hits_of[fact.rule];
  }
  // Each kind was put to the test.
  EXPECT_EQ(hits_of.size(), 15U);
  for (const auto& [rule, count] : hits_of) EXPECT_GT(count, 50U) << rule;
}

}  // namespace
}  // namespace auditflow::correlate
