#include <chrono>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "auditflow/correlate/correlator.hpp"

#include "tests/correlate/correlator_harness.hpp"

namespace auditflow::correlate {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kChain = R"(
title: Burst
name: burst
correlation: {type: event_count, rules: [failed], group-by: [user, host], timespan: 60s, condition: {gte: 2}}
---
title: Break-in
name: breakin
correlation: {type: temporal_ordered, rules: [burst, login], group-by: [user], timespan: 60s}
)";

TEST(ChainedCorrelation, AHitIsAnObservationForTheNextCorrelation) {
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

TEST(ChainedCorrelation, ChainsDoNotDependOnTheCutIntoBatches) {
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

TEST(ChainedCorrelation, AnEventCanMatchARuleAndTriggerACorrelationOfTheSameChain) {
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

TEST(ChainedCorrelation, AHitHasTheFieldsOfItsTriggerToo) {
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

TEST(ChainedCorrelation, ChainsAreCompleteAtTheEndOfInput) {
  Harness harness(kChain, {.allowed_lateness = seconds(5)});
  harness.Add(2, At(1), {"failed"}, R"({"user":"a","host":"x"})")
      .Add(4, At(3), {"login"}, R"({"user":"a","host":"z"})")
      .Add(1, At(0), {"failed"}, R"({"user":"a","host":"x"})");
  EXPECT_THAT(harness.Observe(), IsEmpty());
  EXPECT_THAT(Triggers(harness.Finish()), ElementsAre(2, 4));
}

TEST(ChainedCorrelation, ABacklogThatIsFasterThanItsEventsMissesNothing) {
  Harness harness(kChain, {.allowed_lateness = seconds(2)});
  const Timestamp now = At(100'000);
  harness.Add(1, At(0), now, {"failed"}, R"({"user":"a","host":"x"})")
      .Add(2, At(1), now, {"failed"}, R"({"user":"a","host":"x"})")
      .Add(3, At(30), now, {"login"}, R"({"user":"a","host":"z"})")
      .Add(4, At(4000), now, {"login"}, R"({"user":"a","host":"z"})");
  EXPECT_THAT(harness.Observe(), IsEmpty());
  EXPECT_THAT(Triggers(harness->Release(now + seconds(3)).value()), ElementsAre(2));
  EXPECT_THAT(Triggers(harness->Release(now + seconds(6)).value()), ElementsAre(3));
  EXPECT_EQ(harness->Statistics().windows.late, 0U);
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

TEST(ChainedCorrelation, HitsSurviveAFailureOfTheLevelAbove) {
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

}  // namespace
}  // namespace auditflow::correlate
