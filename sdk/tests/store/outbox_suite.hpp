#pragma once

// What every Outbox has to do, as tests with a parameter. A test program includes this once and
// instantiates OutboxSuite with an OutboxSuiteParam per implementation.

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/outbox.hpp"

#include "tests/store/numbered_alerts.hpp"

namespace auditflow::store {

/// A store under test with targets, empty at first, whose time is `clock`'s.
class OutboxHarness {
 public:
  virtual ~OutboxHarness() = default;
  virtual void Open(const std::vector<OutboxTarget>& targets) = 0;
  virtual AlertStore& store() = 0;
  virtual Outbox& outbox() = 0;
  ManualClock clock{Timestamp::Parse("2026-11-20T19:00:00.123456Z").value()};
};

struct OutboxSuiteParam {
  std::string name;
  std::function<std::unique_ptr<OutboxHarness>()> make;  ///< null: its server is missing here
};

inline std::string OutboxSuiteName(const testing::TestParamInfo<OutboxSuiteParam>& test) {
  return test.param.name;
}

class OutboxSuite : public testing::TestWithParam<OutboxSuiteParam> {
 protected:
  void SetUp() override {
    if (!harness_) GTEST_SKIP() << "the server of this store is missing here";
    harness_->Open({{.channel = "all"}, {.channel = "severe", .min_severity = "CRITICAL"}});
  }
  Outbox& outbox() { return harness_->outbox(); }
  ManualClock& clock() { return harness_->clock; }
  void Insert(const std::vector<alert::Alert>& alerts) {
    const auto results = harness_->store().Insert(alerts);
    ASSERT_TRUE(results.has_value()) << results.error().ToString();
  }
  std::vector<OutboxEntry> Claim(const std::string& channel, std::uint32_t max = 100,
                                 Duration lease = std::chrono::minutes(1)) {
    auto claimed = outbox().Claim({channel, max, lease});
    EXPECT_TRUE(claimed.has_value()) << (claimed ? "" : claimed.error().ToString());
    return claimed.value_or(std::vector<OutboxEntry>());
  }
  std::vector<std::uint64_t> ClaimNumbers(const std::string& channel, std::uint32_t max = 100) {
    std::vector<std::uint64_t> numbers;
    for (const OutboxEntry& entry : Claim(channel, max)) numbers.push_back(NumberOf(entry));
    return numbers;
  }
  static std::uint64_t NumberOf(const OutboxEntry& entry) {
    return std::stoull(entry.alert.alert_id.ToString().substr(24), nullptr, 16);
  }
  std::uint64_t Pending(const std::string& channel) {
    const std::vector<OutboxNumbers> all = outbox().Numbers().value();
    for (const OutboxNumbers& numbers : all) {
      if (numbers.channel == channel) return numbers.pending;
    }
    return 0;
  }

  const std::unique_ptr<OutboxHarness> harness_ = GetParam().make();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OutboxSuite);

TEST_P(OutboxSuite, AnEmptyOutboxHasNothing) {
  EXPECT_THAT(Claim("all"), testing::IsEmpty());
  EXPECT_THAT(outbox().ListDead({}).value(), testing::IsEmpty());
  EXPECT_THAT(outbox().Numbers().value(), testing::IsEmpty());
  EXPECT_EQ(outbox().ReplayChannel("all").value(), 0U);
  EXPECT_EQ(outbox().Replay({}).value(), 0U);
}

TEST_P(OutboxSuite, EachNewAlertIsToldToEachTargetThatTakesIt) {
  Insert(NumberedAlerts(1, 4));  // even ones are CRITICAL, odd ones HIGH
  EXPECT_THAT(ClaimNumbers("all"), testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ClaimNumbers("severe"), testing::ElementsAre(2, 4));
  EXPECT_THAT(ClaimNumbers("other"), testing::IsEmpty());
}

TEST_P(OutboxSuite, AnEntryHoldsTheAlertAndAKeyThatStays) {
  Insert({NumberedAlert(7)});
  const std::vector<OutboxEntry> claimed = Claim("all");
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].alert, NumberedAlert(7));
  EXPECT_EQ(claimed[0].channel, "all");
  EXPECT_EQ(claimed[0].idempotency_key, IdempotencyKey(NumberedUuid(7), "all"));
  EXPECT_EQ(claimed[0].attempts, 1U);
  EXPECT_EQ(claimed[0].queued_at, clock().Now());
  EXPECT_EQ(claimed[0].last_error, "");
}

TEST_P(OutboxSuite, RepeatsAndRejectedAlertsAreNotTold) {
  alert::Alert bad = NumberedAlert(2);
  bad.alert_type.assign(51, 'x');
  Insert({NumberedAlert(1), bad, NumberedAlert(1)});
  Insert({NumberedAlert(1)});
  EXPECT_THAT(ClaimNumbers("all"), testing::ElementsAre(1));
  EXPECT_EQ(Pending("all"), 1U);
}

TEST_P(OutboxSuite, WhatOneWorkerHoldsNoOtherGets) {
  Insert(NumberedAlerts(1, 3));
  EXPECT_THAT(ClaimNumbers("all", 2), testing::ElementsAre(1, 2));
  EXPECT_THAT(ClaimNumbers("all", 2), testing::ElementsAre(3));
  EXPECT_THAT(ClaimNumbers("all", 2), testing::IsEmpty());
  EXPECT_EQ(Pending("all"), 3U);
}

TEST_P(OutboxSuite, DeliveredEntriesAreGone) {
  Insert(NumberedAlerts(1, 2));
  for (const OutboxEntry& entry : Claim("all")) EXPECT_TRUE(outbox().Delivered(entry).ok());
  clock().Advance(std::chrono::hours(1));
  EXPECT_THAT(Claim("all"), testing::IsEmpty());
  EXPECT_THAT(outbox().Numbers().value(),
              testing::ElementsAre(testing::Field(&OutboxNumbers::channel, "severe")));
}

TEST_P(OutboxSuite, ALeaseThatEndsGivesTheEntryToTheNextAndFencesTheFirstOff) {
  Insert({NumberedAlert(1)});
  const OutboxEntry first = Claim("all").at(0);
  clock().Advance(std::chrono::seconds(59));
  EXPECT_THAT(Claim("all"), testing::IsEmpty());
  clock().Advance(std::chrono::seconds(1));
  const OutboxEntry second = Claim("all").at(0);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.attempts, 2U);
  EXPECT_EQ(second.idempotency_key, first.idempotency_key);
  EXPECT_EQ(outbox().Delivered(first).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(outbox().RetryAt(first, clock().Now(), "late").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(outbox().DeadLetter(first, "late").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Pending("all"), 1U);
  EXPECT_TRUE(outbox().Delivered(second).ok());
  EXPECT_EQ(outbox().Delivered(second).code(), StatusCode::kFailedPrecondition);
}

TEST_P(OutboxSuite, AnEndedLeaseThatNobodyTookIsStillTheWorkersOwn) {
  Insert({NumberedAlert(1)});
  const OutboxEntry entry = Claim("all").at(0);
  clock().Advance(std::chrono::hours(1));
  EXPECT_TRUE(outbox().Delivered(entry).ok());
}

TEST_P(OutboxSuite, ARetryIsDueAtItsTimeAndKeepsTheError) {
  Insert({NumberedAlert(1)});
  const OutboxEntry entry = Claim("all").at(0);
  const Timestamp at = clock().Now() + std::chrono::seconds(30);
  ASSERT_TRUE(outbox().RetryAt(entry, at, "HTTP 503").ok());
  EXPECT_EQ(outbox().RetryAt(entry, at, "again").code(), StatusCode::kFailedPrecondition);
  clock().Advance(std::chrono::seconds(29));
  EXPECT_THAT(Claim("all"), testing::IsEmpty());
  clock().Advance(std::chrono::seconds(1));
  const OutboxEntry again = Claim("all").at(0);
  EXPECT_EQ(again.attempts, 2U);
  EXPECT_EQ(again.last_error, "HTTP 503");
  EXPECT_EQ(again.queued_at, entry.queued_at);
}

TEST_P(OutboxSuite, WhatHasWaitedLongestComesFirst) {
  Insert({NumberedAlert(3)});
  clock().Advance(std::chrono::microseconds(1));
  Insert({NumberedAlert(1)});
  const OutboxEntry late = Claim("all", 1).at(0);
  EXPECT_EQ(NumberOf(late), 3U);
  ASSERT_TRUE(outbox().RetryAt(late, clock().Now() + std::chrono::seconds(1), "").ok());
  clock().Advance(std::chrono::seconds(2));
  EXPECT_THAT(ClaimNumbers("all", 1), testing::ElementsAre(1));
  EXPECT_THAT(ClaimNumbers("all", 1), testing::ElementsAre(3));
}

TEST_P(OutboxSuite, DeadEntriesWaitForAReplay) {
  Insert(NumberedAlerts(1, 3));
  for (const OutboxEntry& entry : Claim("all")) {
    ASSERT_TRUE(outbox().DeadLetter(entry, "HTTP 404").ok());
    EXPECT_EQ(outbox().Delivered(entry).code(), StatusCode::kFailedPrecondition);
  }
  clock().Advance(std::chrono::hours(100));
  EXPECT_THAT(Claim("all"), testing::IsEmpty());
  const std::vector<DeadEntry> dead = outbox().ListDead({.channel = "all"}).value();
  ASSERT_EQ(dead.size(), 3U);
  EXPECT_EQ(dead[0].alert_id, NumberedUuid(3));
  EXPECT_EQ(dead[0].reason, "HTTP 404");
  EXPECT_EQ(dead[0].attempts, 1U);
  EXPECT_EQ(dead[0].dead_at + std::chrono::hours(100), clock().Now());
  EXPECT_EQ(dead[0].queued_at, dead[0].dead_at);
  EXPECT_EQ(dead[0].idempotency_key, IdempotencyKey(NumberedUuid(3), "all"));

  const std::vector<std::uint64_t> ids = {dead[1].id, 999'999, ~std::uint64_t{0}};
  EXPECT_EQ(outbox().Replay(ids).value(), 1U);
  EXPECT_EQ(outbox().Replay(ids).value(), 0U);
  const OutboxEntry again = Claim("all").at(0);
  EXPECT_EQ(NumberOf(again), 2U);
  EXPECT_EQ(again.attempts, 1U);
  EXPECT_EQ(again.queued_at, clock().Now());
  EXPECT_EQ(again.idempotency_key, dead[1].idempotency_key);
}

TEST_P(OutboxSuite, AWholeChannelCanBeReplayedAndEntriesDiscarded) {
  Insert(NumberedAlerts(1, 4));
  for (const char* channel : {"all", "severe"}) {
    for (const OutboxEntry& entry : Claim(channel)) {
      ASSERT_TRUE(outbox().DeadLetter(entry, "no").ok());
    }
  }
  const std::uint64_t newest = outbox().ListDead({.channel = "all"}).value().at(0).id;
  EXPECT_EQ(outbox().Discard({&newest, 1}).value(), 1U);
  EXPECT_EQ(outbox().Discard({&newest, 1}).value(), 0U);
  EXPECT_EQ(outbox().ReplayChannel("all").value(), 3U);
  EXPECT_THAT(ClaimNumbers("all"), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(outbox().Numbers().value(),
              testing::ElementsAre(OutboxNumbers{"all", 3, 0, clock().Now()},
                                   OutboxNumbers{"severe", 0, 2, {}}));
  const std::uint64_t pending = Claim("all").empty() ? newest - 1 : 0;
  EXPECT_EQ(outbox().Discard({&pending, 1}).value_or(9), 0U);
}

TEST_P(OutboxSuite, WhatIsDeadForLongOrTooMuchIsForgotten) {
  Insert(NumberedAlerts(1, 6));
  for (const OutboxEntry& entry : Claim("all")) {
    if (NumberOf(entry) == 6) break;  // pending, however old
    ASSERT_TRUE(outbox().DeadLetter(entry, "no").ok());
    clock().Advance(std::chrono::hours(1));
  }
  const auto dead = [&] {
    std::vector<std::uint64_t> numbers;
    const auto listed = outbox().ListDead({});
    for (const DeadEntry& entry : listed.value()) {
      numbers.push_back(static_cast<std::uint64_t>(entry.alert_id.ToString().back() - '0'));
    }
    return numbers;
  };
  const Timestamp now = clock().Now();
  const Timestamp never = now - std::chrono::hours(100);
  EXPECT_EQ(outbox().ForgetDead(never, 5).value(), 0U);
  EXPECT_EQ(outbox().ForgetDead(now - std::chrono::hours(5), ~std::uint64_t{0}).value(), 0U);
  EXPECT_EQ(outbox().ForgetDead(now - std::chrono::hours(4), 5).value(), 1U);
  EXPECT_THAT(dead(), testing::ElementsAre(5, 4, 3, 2));
  EXPECT_EQ(outbox().ForgetDead(never, 2).value(), 2U);
  EXPECT_THAT(dead(), testing::ElementsAre(5, 4));
  EXPECT_EQ(outbox().ForgetDead(never, 0).value(), 2U);
  EXPECT_THAT(dead(), testing::IsEmpty());
  EXPECT_EQ(Pending("all"), 1U);
}

TEST_P(OutboxSuite, DeadEntriesAreListedInPages) {
  Insert(NumberedAlerts(1, 5));
  for (const OutboxEntry& entry : Claim("all")) {
    ASSERT_TRUE(outbox().DeadLetter(entry, "no").ok());
  }
  std::vector<Uuid> seen;
  DeadQuery query{.limit = 2};
  for (;;) {
    const std::vector<DeadEntry> page = outbox().ListDead(query).value();
    if (page.empty()) break;
    for (const DeadEntry& entry : page) seen.push_back(entry.alert_id);
    query.after = page.back().id;
  }
  EXPECT_THAT(seen, testing::ElementsAre(NumberedUuid(5), NumberedUuid(4), NumberedUuid(3),
                                         NumberedUuid(2), NumberedUuid(1)));
  using namespace std::string_literals;
  for (const std::string& channel : {"severe"s, "a\0"s, "\xff"s, "'; --"s}) {
    EXPECT_THAT(outbox().ListDead({.channel = channel}).value(), testing::IsEmpty());
    EXPECT_EQ(outbox().ReplayChannel(channel).value(), 0U);
  }
  EXPECT_EQ(outbox().ListDead({.after = ~std::uint64_t{0}}).value().size(), 5U);
}

TEST_P(OutboxSuite, HostileErrorsAreKeptAsFarAsTheyCanBe) {
  using namespace std::string_literals;
  Insert({NumberedAlert(1)});
  const std::string error = "bad\0'; DROP TABLE alerts; --\r\n\xff \xC3\xA9"s;
  ASSERT_TRUE(outbox().RetryAt(Claim("all").at(0), clock().Now(), error).ok());
  const OutboxEntry entry = Claim("all").at(0);
  EXPECT_EQ(entry.last_error, "bad '; DROP TABLE alerts; --  \xEF\xBF\xBD \xC3\xA9");
  ASSERT_TRUE(outbox().DeadLetter(entry, std::string(5000, 'x')).ok());
  EXPECT_EQ(outbox().ListDead({}).value().at(0).reason, std::string(1000, 'x'));
}

TEST_P(OutboxSuite, NumbersSayHowOldTheOldestIs) {
  Insert({NumberedAlert(1)});
  const Timestamp first = clock().Now();
  clock().Advance(std::chrono::minutes(5));
  Insert({NumberedAlert(3)});
  EXPECT_THAT(outbox().Numbers().value(), testing::ElementsAre(OutboxNumbers{"all", 2, 0, first}));
}

TEST_P(OutboxSuite, WorkersOfOneChannelShareTheWork) {
  constexpr std::uint64_t kAlerts = 60;
  Insert(NumberedAlerts(1, kAlerts));
  std::mutex mutex;
  std::multiset<std::uint64_t> delivered;
  const auto work = [&] {
    for (;;) {
      const auto claimed = outbox().Claim({"all", 3, std::chrono::minutes(1)});
      if (!claimed || claimed->empty()) return;
      for (const OutboxEntry& entry : *claimed) {
        const bool settled = outbox().Delivered(entry).ok();
        const std::lock_guard lock(mutex);
        if (settled) delivered.insert(NumberOf(entry));
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) workers.emplace_back(work);
  }
  EXPECT_EQ(delivered.size(), kAlerts);
  EXPECT_EQ(std::set(delivered.begin(), delivered.end()).size(), kAlerts);
  EXPECT_EQ(Pending("all"), 0U);
}

}  // namespace auditflow::store
