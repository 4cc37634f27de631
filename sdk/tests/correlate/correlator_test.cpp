#include "auditflow/correlate/correlator.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/correlate/correlator_harness.hpp"

namespace auditflow::correlate {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

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

TEST(Correlator, RepetitionOfAlertsCanBeDecidedForAllRules) {
  std::string every(kBurst);
  every += "auditflow: {repeat: every}\n";
  for (const auto& [rule, repeat, expected] :
       {std::tuple{every, Repeat::kOnce, std::vector<int>{3}},
        std::tuple{std::string(kBurst), Repeat::kEvery, std::vector<int>{3, 4, 5}}}) {
    Harness harness(rule, {.repeat_of_alerts = repeat});
    for (std::uint32_t i = 1; i <= 5; ++i) {
      harness.Add(i, At(i), {"failed"}, R"({"user":"a","host":"x"})");
    }
    EXPECT_THAT(Triggers(harness.Observe()), ElementsAreArray(expected));
  }
}

TEST(Correlator, RepetitionThatIsPartOfAnotherRulesMeaningStays) {
  std::string chain(kBurst);
  chain += R"(auditflow: {repeat: every}
---
title: Three bursts
correlation:
  type: event_count
  rules: [burst]
  group-by: [user]
  timespan: 60s
  condition: {gte: 3}
)";
  Harness harness(chain, {.repeat_of_alerts = Repeat::kOnce});
  for (std::uint32_t i = 1; i <= 5; ++i) {
    harness.Add(i, At(i), {"failed"}, R"({"user":"a","host":"x"})");
  }
  std::vector<CorrelationHit> hits = harness.Observe();
  std::erase_if(hits, [](const CorrelationHit& hit) { return !hit.output; });
  EXPECT_THAT(Triggers(hits), ElementsAre(5));
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
TEST(Correlator, TheStateKeyChangesWithTheRulesMeaning) {
  std::vector<std::string> keys;
  const auto remember = [&](std::vector<WindowSpec> specs) {
    keys.push_back(specs.at(0).key);
    return NewInMemoryWindowStore(std::move(specs), seconds(0));
  };
  const std::string same(kBurst);
  std::string longer = same;
  longer.replace(longer.find("60s"), 3, "61s");
  const Harness plain(kBurst, {}, remember);
  std::string described = same;
  described += "description: words\n";
  const Harness with_description(described, {}, remember);
  const Harness with_timespan(longer, {}, remember);
  const Harness repeating(kBurst, {.repeat = Repeat::kEvery}, remember);
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_NE(keys[0], keys[2]);
  EXPECT_NE(keys[0], keys[3]);
  EXPECT_NE(keys[2], keys[3]);
}

}  // namespace
}  // namespace auditflow::correlate
