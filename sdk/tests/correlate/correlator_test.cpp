#include "auditflow/correlate/correlator.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/sigma/loader.hpp"

#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kDetections = R"(
title: Failed login
name: failed
logsource: {product: auditflow}
detection: {selection: {type: failed}, condition: selection}
---
title: Login
name: login
logsource: {product: auditflow}
detection: {selection: {type: login}, condition: selection}
---
title: Sudo
name: sudo
logsource: {product: auditflow}
detection: {selection: {type: sudo}, condition: selection}
)";

constexpr std::string_view kBurst = R"(
title: Burst
name: burst
correlation:
  type: event_count
  rules: [failed]
  group-by: [user, host]
  timespan: 60s
  condition: {gte: 3}
)";

std::shared_ptr<const sigma::LinkedRules> Rules(std::string_view correlations) {
  std::string text(kDetections);
  if (!correlations.empty()) text.append("---\n").append(correlations);
  auto loaded = sigma::LoadText(text, "rules.yml");
  for (const auto& diagnostic : loaded.diagnostics) ADD_FAILURE() << diagnostic.ToString();
  auto linked = sigma::Link(std::move(loaded.rules));
  for (const auto& diagnostic : linked.diagnostics) ADD_FAILURE() << diagnostic.ToString();
  return std::make_shared<const sigma::LinkedRules>(std::move(linked.linked));
}

/// Feeds events whose matches are given by the names of the detections.
class Harness {
 public:
  explicit Harness(std::string_view correlations, const CorrelatorOptions& options = {},
                   const Correlator::StoreFactory& store = nullptr)
      : rules_(Rules(correlations)) {
    auto correlator = Correlator::Create(rules_, store, options);
    EXPECT_TRUE(correlator.has_value()) << correlator.error().ToString();
    if (correlator) correlator_ = *std::move(correlator);
  }

  Harness& Add(std::uint32_t id, Timestamp time, std::initializer_list<std::string_view> matches,
               std::string_view json) {
    auto event = parser_.Parse(json);
    EXPECT_TRUE(event.has_value()) << event.error().ToString();
    events_.push_back(*std::move(event));
    auto& indices = matches_.emplace_back();
    for (std::uint32_t i = 0; i < rules_->rules.detections.size(); ++i) {
      const auto& name = rules_->rules.detections[i].metadata.name;
      if (std::find(matches.begin(), matches.end(), name) != matches.end()) indices.push_back(i);
    }
    batch_.push_back({&events_.back(), Id(id), time, time, indices});
    return *this;
  }

  std::vector<CorrelationHit> Observe() {
    auto hits = correlator_->Observe(batch_);
    batch_.clear();
    EXPECT_TRUE(hits.has_value()) << hits.error().ToString();
    return hits.value_or(std::vector<CorrelationHit>());
  }
  /// The same in batches of one event.
  std::vector<CorrelationHit> ObserveOneByOne() {
    std::vector<CorrelationHit> all;
    for (const Observation& observation : batch_) {
      auto hits = correlator_->Observe({&observation, 1});
      EXPECT_TRUE(hits.has_value());
      std::move(hits->begin(), hits->end(), std::back_inserter(all));
    }
    batch_.clear();
    return all;
  }
  std::vector<CorrelationHit> Finish() { return correlator_->Release(kEndOfInput).value(); }
  Correlator& operator*() { return *correlator_; }
  Correlator* operator->() { return correlator_.get(); }
  std::span<const Observation> batch() const { return batch_; }

 private:
  std::shared_ptr<const sigma::LinkedRules> rules_;
  std::unique_ptr<Correlator> correlator_;
  event::EventParser parser_;
  std::deque<event::Event> events_;
  std::deque<std::vector<std::uint32_t>> matches_;
  std::vector<Observation> batch_;
};

std::vector<std::uint32_t> Triggers(const std::vector<CorrelationHit>& hits) {
  std::vector<std::uint32_t> numbers;
  for (const auto& hit : hits) numbers.push_back(Number(hit.event_id));
  return numbers;
}

TEST(Correlator, CountsEventsPerGroup) {
  Harness harness(kBurst);
  harness.Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(2, At(1), {"failed"}, R"({"user":"b","host":"x"})")
      .Add(3, At(2), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(4, At(3), {"login"}, R"({"user":"a","host":"x"})")
      .Add(5, At(4), {"failed"}, R"({"user":"a","host":"y"})")
      .Add(6, At(5), {"failed", "sudo"}, R"({"user":"a","host":"x","n":1})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(6));
  EXPECT_EQ(hits[0].correlation, 0U);
  EXPECT_THAT(hits[0].group, ElementsAre(Pair("user", "a"), Pair("host", "x")));
  EXPECT_EQ(hits[0].group_key, "1:a1:x");
  EXPECT_EQ(hits[0].time, At(5));
  EXPECT_EQ(hits[0].first_time, At(0));
  EXPECT_EQ(hits[0].payload, R"({"user":"a","host":"x","n":1})");
  EXPECT_EQ(hits[0].value, 3);
  EXPECT_EQ(hits[0].events, 3U);
  EXPECT_THAT(hits[0].contributors, ElementsAre(Id(1), Id(3), Id(6)));
  EXPECT_TRUE(hits[0].output);
}

TEST(Correlator, WithoutCorrelationsNothingHappens) {
  Harness harness("");
  harness.Add(1, At(0), {"failed"}, "{}");
  EXPECT_THAT(harness.Observe(), IsEmpty());
  EXPECT_THAT(harness.Finish(), IsEmpty());
}

TEST(Correlator, AMissingGroupFieldLeavesTheEventOutAndIsCounted) {
  Harness harness(kBurst);
  for (std::uint32_t i = 0; i < 3; ++i) {
    harness.Add(3 * i, At(0), {"failed"}, R"({"user":"a"})")
        .Add(3 * i + 1, At(0), {"failed"}, R"({"user":"a","host":null})")
        .Add(3 * i + 2, At(0), {"failed"}, R"({"user":"a","host":[]})");
  }
  EXPECT_THAT(harness.Observe(), IsEmpty());
  EXPECT_EQ(harness->Statistics().missing_group_field, 9U);
}

TEST(Correlator, AMissingGroupFieldCanBeAGroupOfItsOwn) {
  Harness harness(kBurst, {.missing_group_field = MissingGroupField::kNull});
  harness.Add(1, At(0), {"failed"}, R"({"user":"a"})")
      .Add(2, At(0), {"failed"}, R"({"user":"a","host":""})")
      .Add(3, At(0), {"failed"}, R"({"user":"a","host":null})")
      .Add(4, At(0), {"failed"}, R"({"user":"a"})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(4));
  EXPECT_EQ(hits[0].group_key, "1:a-");
  EXPECT_THAT(hits[0].group, ElementsAre(Pair("user", "a"), Pair("host", "")));
}

TEST(Correlator, ANumberAndItsTextAreOneGroup) {
  Harness harness(kBurst);
  harness.Add(1, At(0), {"failed"}, R"({"user":1,"host":true})")
      .Add(2, At(0), {"failed"}, R"({"user":"1","host":"true"})")
      .Add(3, At(0), {"failed"}, R"({"user":1.0,"host":true})");
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(3));
}

TEST(Correlator, TuplesThatWouldJoinToTheSameTextStayApart) {
  Harness harness(kBurst);
  harness.Add(1, At(0), {"failed"}, R"({"user":"a","host":"bc"})")
      .Add(2, At(0), {"failed"}, R"({"user":"ab","host":"c"})")
      .Add(3, At(0), {"failed"}, R"({"user":"a1:b","host":"c"})")
      .Add(4, At(0), {"failed"}, R"({"user":"A","host":"bc"})");
  harness.Observe();
  EXPECT_EQ(harness->Statistics().windows.groups, 4U);
}

TEST(Correlator, NestedFieldsAndArraysAreLookedUpAsInDetections) {
  Harness harness(R"(
title: Burst
correlation: {type: event_count, rules: failed, group-by: [details.user], timespan: 1m, condition: {gte: 2}}
)");
  harness.Add(1, At(0), {"failed"}, R"({"details":{"user":["a","b"]}})")
      .Add(2, At(0), {"failed"}, R"({"details.user":"a"})");
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(2));
}

TEST(Correlator, LongGroupValuesAreCutButStayApart) {
  Harness harness(kBurst);
  const std::string user(100'000, 'u');
  harness.Add(1, At(0), {"failed"}, R"({"host":"x","user":")" + user + "a\"}")
      .Add(2, At(0), {"failed"}, R"({"host":"x","user":")" + user + "b\"}")
      .Add(3, At(0), {"failed"}, R"({"host":"x","user":")" + user + "a\"}")
      .Add(4, At(0), {"failed"}, R"({"host":"x","user":")" + user + "a\"}");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(4));
  EXPECT_LT(hits[0].group_key.size(), 600U);
}

TEST(Correlator, CountsDistinctValuesAndTuples) {
  Harness harness(R"(
title: One field
correlation: {type: value_count, rules: [failed], timespan: 1m, condition: {gte: 3, field: host}}
---
title: Two fields
correlation: {type: value_count, rules: [failed], timespan: 1m, condition: {gte: 3, field: [host, user]}}
)");
  harness.Add(1, At(0), {"failed"}, R"({"host":"x","user":"a"})")
      .Add(2, At(1), {"failed"}, R"({"host":"x","user":"b"})")
      .Add(3, At(2), {"failed"}, R"({"host":"y"})")
      .Add(4, At(3), {"failed"}, R"({"host":"y","user":"b"})")
      .Add(5, At(4), {"failed"}, R"({"host":"z","user":"b"})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(4, 5));
  EXPECT_EQ(hits[0].correlation, 1U);
  EXPECT_EQ(harness->Statistics().missing_value, 1U);
}

TEST(Correlator, NumbersWrittenAsTextAreNumbers) {
  Harness harness(R"(
title: Exfiltration
correlation: {type: value_sum, rules: [failed], timespan: 1m, condition: {gte: 10, field: bytes}}
)");
  harness.Add(1, At(0), {"failed"}, R"({"bytes":"4.5"})")
      .Add(2, At(1), {"failed"}, R"({"bytes":"4 kB"})")
      .Add(3, At(2), {"failed"}, R"({"bytes":"nan"})")
      .Add(4, At(3), {"failed"}, R"({"bytes":5.5})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(4));
  EXPECT_EQ(hits[0].value, 10);
  EXPECT_EQ(harness->Statistics().missing_value, 2U);
}

constexpr std::string_view kSequence = R"(
title: Login after a failure
correlation:
  type: temporal_ordered
  rules: [failed, login]
  group-by: [user]
  timespan: 10s
  aliases: {user: {failed: target, login: user}}
)";

TEST(Correlator, AliasesFindTheGroupInDifferentFields) {
  Harness harness(kSequence);
  harness.Add(1, At(0), {"failed"}, R"({"target":"a","user":"other"})")
      .Add(2, At(0.5), {"login"}, R"({"user":"other"})")
      .Add(3, At(1), {"login"}, R"({"user":"a"})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(3));
  EXPECT_THAT(hits[0].group, ElementsAre(Pair("user", "a")));
}

TEST(Correlator, AnEventThatMatchesTwoAliasedRulesCanBeInTwoGroups) {
  Harness harness(kSequence);
  harness.Add(1, At(0), {"failed", "login"}, R"({"target":"a","user":"b"})")
      .Add(2, At(1), {"login"}, R"({"user":"a"})");
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(2));
}

TEST(Correlator, OrderGoesBySubSecondEventTime) {
  Harness harness(kSequence);
  harness.Add(1, At(0.9), {"login"}, R"({"user":"a"})")
      .Add(2, At(0.95), {"failed"}, R"({"target":"a"})");
  EXPECT_THAT(harness.Observe(), IsEmpty());
}

TEST(Correlator, ABooleanConditionOverRules) {
  Harness harness(R"(
title: No login
correlation:
  type: temporal
  rules: [failed, login, sudo]
  timespan: 10s
  condition: (failed and sudo) and not login
)");
  harness.Add(1, At(0), {"failed"}, "{}")
      .Add(2, At(1), {"login"}, "{}")
      .Add(3, At(2), {"sudo"}, "{}")
      .Add(4, At(20), {"failed"}, "{}")
      .Add(5, At(21), {"sudo"}, "{}");
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(5));
}

TEST(Correlator, TheRulesOwnRepeatPolicyWins) {
  std::string every(kBurst);
  every += "auditflow: {repeat: every}\n";
  Harness harness(every);
  for (std::uint32_t i = 1; i <= 5; ++i) {
    harness.Add(i, At(i), {"failed"}, R"({"user":"a","host":"x"})");
  }
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(3, 4, 5));
}

TEST(Correlator, ArrivalTimeCanTakeThePlaceOfEventTime) {
  Harness harness(kBurst, {.use_arrival_time = true});
  for (std::uint32_t i = 1; i <= 3; ++i) {
    harness.Add(i, At(i), {"failed"}, R"({"user":"a","host":"x"})");
  }
  std::vector<Observation> batch(harness.batch().begin(), harness.batch().end());
  batch[1].time = At(-500);
  EXPECT_THAT(Triggers((*harness).Observe(batch).value()), ElementsAre(3));
}

struct BadBlock {
  const char* name;
  const char* block;
  const char* message;
};

class BadBlockTest : public testing::TestWithParam<BadBlock> {};

TEST_P(BadBlockTest, IsRefusedWithItsPlace) {
  std::string text(kBurst);
  text += GetParam().block;
  const auto rules = Rules(text);
  const auto correlator = Correlator::Create(rules, nullptr);
  ASSERT_FALSE(correlator.has_value());
  EXPECT_EQ(correlator.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(correlator.error().message(), HasSubstr(GetParam().message));
  EXPECT_THAT(correlator.error().message(), HasSubstr("rules.yml:2"));
}

INSTANTIATE_TEST_SUITE_P(
    Correlator, BadBlockTest,
    testing::Values(BadBlock{"NoMap", "auditflow: often\n", "auditflow: a map expected"},
                    BadBlock{"UnknownWord", "auditflow: {repeat: often}\n",
                             "auditflow.repeat: \"once\" or \"every\" expected"},
                    BadBlock{"NoWord", "auditflow: {repeat: [once]}\n",
                             "auditflow.repeat: \"once\" or \"every\" expected"}),
    [](const auto& tested) { return tested.param.name; });

constexpr std::string_view kChain = R"(
title: Burst
name: burst
correlation: {type: event_count, rules: [failed], group-by: [user, host], timespan: 60s, condition: {gte: 2}}
---
title: Break-in
name: breakin
correlation: {type: temporal_ordered, rules: [burst, login], group-by: [user], timespan: 60s}
)";

TEST(Correlator, AHitIsAnObservationForTheNextCorrelation) {
  Harness harness(kChain);
  harness.Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(2, At(1), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(3, At(2), {"login"}, R"({"user":"b","host":"x"})")
      .Add(4, At(3), {"login"}, R"({"user":"a","host":"z"})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(2, 4));
  EXPECT_FALSE(hits[0].output);
  EXPECT_TRUE(hits[1].output);
  EXPECT_EQ(hits[1].correlation, 1U);
  EXPECT_THAT(hits[1].group, ElementsAre(Pair("user", "a")));
  EXPECT_THAT(hits[1].contributors, ElementsAre(Id(2), Id(4)));
  EXPECT_EQ(hits[1].payload, R"({"user":"a","host":"z"})");
}

TEST(Correlator, ChainsDoNotDependOnTheCutIntoBatches) {
  for (const bool one_by_one : {false, true}) {
    Harness harness(kChain);
    harness.Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})")
        .Add(2, At(1), {"login"}, R"({"user":"a","host":"x"})")
        .Add(3, At(2), {"failed"}, R"({"user":"a","host":"x"})")
        .Add(4, At(3), {"sudo"}, R"({"user":"a","host":"x"})")
        .Add(5, At(4), {"login"}, R"({"user":"a","host":"x"})");
    EXPECT_THAT(Triggers(one_by_one ? harness.ObserveOneByOne() : harness.Observe()),
                ElementsAre(3, 5));
  }
}

TEST(Correlator, AnEventCanMatchARuleAndTriggerACorrelationOfTheSameChain) {
  Harness harness(R"(
title: Burst
name: burst
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {gte: 2}}
---
title: Both
correlation: {type: temporal, rules: [burst, sudo], group-by: [user], timespan: 60s}
)");
  harness.Add(1, At(0), {"failed"}, R"({"user":"a"})")
      .Add(2, At(1), {"failed", "sudo"}, R"({"user":"a"})");
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(2, 2));
}

TEST(Correlator, AHitHasTheFieldsOfItsTriggerToo) {
  Harness harness(R"(
title: Burst
name: burst
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {gte: 2}}
---
title: Many users of one host
correlation: {type: value_count, rules: [burst], group-by: [host], timespan: 60s, condition: {gte: 2, field: user}}
)");
  harness.Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(2, At(1), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(3, At(2), {"failed"}, R"({"user":"b","host":"x"})")
      .Add(4, At(3), {"failed"}, R"({"user":"b","host":"x"})");
  const auto hits = harness.Observe();
  ASSERT_THAT(Triggers(hits), ElementsAre(2, 4, 4));
  EXPECT_THAT(hits[2].group, ElementsAre(Pair("host", "x")));
}

TEST(Correlator, ChainsAreCompleteAtTheEndOfInput) {
  Harness harness(kChain, {.allowed_lateness = seconds(5)});
  harness.Add(2, At(1), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(4, At(3), {"login"}, R"({"user":"a","host":"z"})")
      .Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})");
  EXPECT_THAT(harness.Observe(), IsEmpty());
  EXPECT_THAT(Triggers(harness.Finish()), ElementsAre(2, 4));
}

/// Refuses the calls that it is told to.
class FailingStore final : public WindowStore {
 public:
  FailingStore(std::unique_ptr<WindowStore> inner, int& failures)
      : inner_(std::move(inner)), failures_(failures) {}
  Result<std::vector<Firing>> Apply(std::span<const WindowUpdate> updates) override {
    if (failures_ > 0 && failures_-- > 0) return Error(Unavailable("down"));
    return inner_->Apply(updates);
  }
  Result<std::vector<Firing>> Release(Timestamp now) override { return inner_->Release(now); }
  WindowStatistics Statistics() const override { return inner_->Statistics(); }

 private:
  std::unique_ptr<WindowStore> inner_;
  int& failures_;
};

TEST(Correlator, HitsSurviveAFailureOfTheLevelAbove) {
  int level = 0;
  int failures = 0;
  int never = 0;
  Harness harness(kChain, {}, [&](std::vector<WindowSpec> specs) {
    auto inner = NewInMemoryWindowStore(std::move(specs), seconds(0));
    return std::make_unique<FailingStore>(std::move(inner), ++level == 2 ? failures : never);
  });
  harness.Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(2, At(1), {"failed"}, R"({"user":"a","host":"x"})");
  failures = 2;
  const auto first = (*harness).Observe(harness.batch());
  ASSERT_FALSE(first.has_value());
  EXPECT_TRUE(first.error().retryable());
  EXPECT_FALSE((*harness).Observe(harness.batch()).has_value());
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(2));
  harness.Add(3, At(2), {"login"}, R"({"user":"a","host":"x"})");
  EXPECT_THAT(Triggers(harness.Observe()), ElementsAre(3));
}

TEST(Correlator, TheStateKeyChangesWithTheRulesMeaning) {
  std::vector<std::string> keys;
  const auto remember = [&](std::vector<WindowSpec> specs) {
    keys.push_back(specs.at(0).key);
    return NewInMemoryWindowStore(std::move(specs), seconds(0));
  };
  const std::string same(kBurst);
  std::string longer = same;
  longer.replace(longer.find("60s"), 3, "61s");
  Harness(kBurst, {}, remember);
  std::string described = same;
  described += "description: words\n";
  Harness(described, {}, remember);
  Harness(longer, {}, remember);
  Harness(kBurst, {.repeat = Repeat::kEvery}, remember);
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_NE(keys[0], keys[2]);
  EXPECT_NE(keys[0], keys[3]);
  EXPECT_NE(keys[2], keys[3]);
}

}  // namespace
}  // namespace auditflow::correlate
