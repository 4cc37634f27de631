#pragma once

// What every AlertStore has to do, as tests with a parameter. A test program includes this once and
// instantiates AlertStoreSuite with an AlertStoreSuiteParam per implementation.

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/alert_store.hpp"

#include "tests/store/numbered_alerts.hpp"

namespace auditflow::store {

/// A store under test, empty at first, whose `received_at` is `clock`'s time.
class AlertStoreHarness {
 public:
  virtual ~AlertStoreHarness() = default;
  virtual AlertStore& store() = 0;
  ManualClock clock{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
};

struct AlertStoreSuiteParam {
  std::string name;
  std::function<std::unique_ptr<AlertStoreHarness>()> make;  ///< null: its server is missing here
};

inline std::string AlertStoreSuiteName(const testing::TestParamInfo<AlertStoreSuiteParam>& test) {
  return test.param.name;
}

inline std::vector<InsertOutcome> OutcomesOf(const Result<std::vector<InsertResult>>& results) {
  std::vector<InsertOutcome> outcomes;
  EXPECT_TRUE(results.has_value()) << (results ? "" : results.error().ToString());
  if (!results) return outcomes;
  for (const InsertResult& result : *results) outcomes.push_back(result.outcome);
  return outcomes;
}

class AlertStoreSuite : public testing::TestWithParam<AlertStoreSuiteParam> {
 protected:
  void SetUp() override {
    if (!harness_) GTEST_SKIP() << "the server of this store is missing here";
  }
  AlertStore& store() { return harness_->store(); }
  void InsertAll(const std::vector<alert::Alert>& alerts) {
    EXPECT_THAT(
        OutcomesOf(store().Insert(alerts)),
        testing::AllOf(testing::SizeIs(alerts.size()), testing::Each(InsertOutcome::kInserted)));
  }
  /// The numbers of the alerts that a query lists, in its order.
  std::vector<std::uint64_t> Numbers(const AlertQuery& query) {
    std::vector<std::uint64_t> numbers;
    const auto page = store().List(query);
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().ToString());
    if (!page) return numbers;
    for (const StoredAlert& stored : *page) {
      numbers.push_back(std::stoull(stored.alert.alert_id.ToString().substr(24), nullptr, 16));
    }
    return numbers;
  }

  const std::unique_ptr<AlertStoreHarness> harness_ = GetParam().make();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AlertStoreSuite);

TEST_P(AlertStoreSuite, AnEmptyStoreAnswers) {
  EXPECT_TRUE(store().Ping().ok());
  EXPECT_THAT(Numbers({}), testing::IsEmpty());
  EXPECT_EQ(store().Count({}).value(), 0U);
  EXPECT_FALSE(store().Get(NumberedUuid(1)).value().has_value());
  EXPECT_THAT(OutcomesOf(store().Insert({})), testing::IsEmpty());
}

TEST_P(AlertStoreSuite, GivesBackWhatWasStored) {
  const alert::Alert alert = NumberedAlert(7);
  InsertAll({alert});
  const auto stored = store().Get(alert.alert_id).value();
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(alert::ToJson(stored->alert), alert::ToJson(alert));
  EXPECT_EQ(stored->alert, alert);
  EXPECT_EQ(stored->received_at, harness_->clock.Now());
  const auto page = store().List({}).value();
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].alert, alert);
}

TEST_P(AlertStoreSuite, HostileTextsAreData) {
  const std::vector<std::string> hostile = {"=cmd|' /C calc'!A0",
                                            "<script>alert(1)</script>",
                                            "'; DROP TABLE alerts; --",
                                            "\"},{\"a\":\"",
                                            "%_\\",
                                            "\r\nX: y",
                                            "\x01\x7f",
                                            "\xE2\x80\xAE"
                                            "x",
                                            "\xF0\x9F\x92\xA3",
                                            "",
                                            "?1",
                                            "NULL",
                                            "0"};
  std::uint64_t number = 0;
  for (const std::string& text : hostile) {
    alert::Alert alert = NumberedAlert(number++);
    alert.alert_name = alert.alert_type = alert.severity = alert.description = text;
    alert.source_service_name = alert.action_observed = text;
    alert.analysis_rule = {text, text, text};
    alert.triggered_by = {text, text, "N/A"};
    alert.impacted_resource = {text, text, text};
    alert.metadata = {{text, text}, text, text, text, R"("extra":{"n":1.50})"};
    InsertAll({alert});
    EXPECT_EQ(store().Get(alert.alert_id).value()->alert, alert) << text;
    AlertQuery query;
    query.severity = query.actor_id = query.server_hostname = query.alert_type = query.rule_id =
        text;
    EXPECT_EQ(store().Count(query).value(), text.empty() ? number : 1U) << text;
  }
  EXPECT_EQ(store().Count({}).value(), hostile.size());
}

TEST_P(AlertStoreSuite, AnUnknownClientIpReadsNotAvailable) {
  alert::Alert alert = NumberedAlert(1);
  alert.triggered_by.client_ip = "";
  InsertAll({alert});
  EXPECT_EQ(store().Get(alert.alert_id).value()->alert.triggered_by.client_ip, "N/A");
}

TEST_P(AlertStoreSuite, ARepeatIsADuplicateAndChangesNothing) {
  InsertAll({NumberedAlert(1)});
  harness_->clock.Advance(std::chrono::seconds(5));
  alert::Alert changed = NumberedAlert(1);
  changed.severity = "LOW";
  changed.timestamp = changed.timestamp + std::chrono::hours(1);
  EXPECT_THAT(OutcomesOf(store().Insert({&changed, 1})),
              testing::ElementsAre(InsertOutcome::kDuplicate));
  const auto stored = store().Get(changed.alert_id).value();
  EXPECT_EQ(stored->alert, NumberedAlert(1));
  EXPECT_EQ(stored->received_at + std::chrono::seconds(5), harness_->clock.Now());
  EXPECT_EQ(store().Count({}).value(), 1U);
}

TEST_P(AlertStoreSuite, EachAlertOfABatchHasItsOwnOutcome) {
  InsertAll({NumberedAlert(1)});
  alert::Alert bad = NumberedAlert(3);
  bad.alert_type.assign(51, 'x');
  const std::vector<alert::Alert> batch = {NumberedAlert(2), NumberedAlert(1), bad,
                                           NumberedAlert(2), NumberedAlert(4)};
  const auto results = store().Insert(batch);
  EXPECT_THAT(OutcomesOf(results),
              testing::ElementsAre(InsertOutcome::kInserted, InsertOutcome::kDuplicate,
                                   InsertOutcome::kRejected, InsertOutcome::kDuplicate,
                                   InsertOutcome::kInserted));
  EXPECT_EQ(results->at(2).reason, "alert_type: has 51 characters, at most 50 can be stored");
  EXPECT_THAT(Numbers({}), testing::ElementsAre(4, 2, 1));
}

TEST_P(AlertStoreSuite, WhatNoDatabaseCanHoldIsRejectedAlone) {
  std::vector<alert::Alert> batch = NumberedAlerts(1, 5);
  batch[0].description.assign(1, '\0');
  batch[1].raw_event_data = R"({"a":"\u0000"})";
  batch[2].triggered_by.client_ip = "nowhere";
  batch[3].alert_name = "\xff";
  EXPECT_THAT(OutcomesOf(store().Insert(batch)),
              testing::ElementsAre(InsertOutcome::kRejected, InsertOutcome::kRejected,
                                   InsertOutcome::kRejected, InsertOutcome::kRejected,
                                   InsertOutcome::kInserted));
  EXPECT_THAT(Numbers({}), testing::ElementsAre(5));
}

TEST_P(AlertStoreSuite, ListsTheNewestFirst) {
  InsertAll({NumberedAlert(3), NumberedAlert(1), NumberedAlert(2)});
  EXPECT_THAT(Numbers({}), testing::ElementsAre(3, 2, 1));
}

TEST_P(AlertStoreSuite, EqualTimesAreOrderedByReceiptThenId) {
  std::vector<alert::Alert> alerts = NumberedAlerts(1, 3);
  for (alert::Alert& alert : alerts) alert.timestamp = alerts[0].timestamp;
  InsertAll({alerts[2]});
  harness_->clock.Advance(std::chrono::nanoseconds(1));
  InsertAll({alerts[0], alerts[1]});
  EXPECT_THAT(Numbers({}), testing::ElementsAre(2, 1, 3));
}

TEST_P(AlertStoreSuite, TimesBeforeTheEpochAndToTheNanosecondAreKept) {
  std::vector<alert::Alert> alerts = NumberedAlerts(1, 3);
  alerts[0].timestamp = Timestamp::FromUnixNanos(-1);
  alerts[1].timestamp = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::min());
  alerts[2].timestamp = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::max());
  InsertAll(alerts);
  EXPECT_THAT(Numbers({}), testing::ElementsAre(3, 1, 2));
  EXPECT_EQ(store().Get(NumberedUuid(1)).value()->alert.timestamp, alerts[0].timestamp);
}

TEST_P(AlertStoreSuite, LimitAndOffsetCutAPage) {
  InsertAll(NumberedAlerts(1, 10));
  EXPECT_THAT(Numbers({.limit = 3}), testing::ElementsAre(10, 9, 8));
  EXPECT_THAT(Numbers({.limit = 3, .offset = 8}), testing::ElementsAre(2, 1));
  EXPECT_THAT(Numbers({.limit = 3, .offset = 10}), testing::IsEmpty());
  EXPECT_THAT(Numbers({.limit = 0}), testing::IsEmpty());
  EXPECT_THAT(Numbers({.limit = 4'294'967'295, .offset = 4'294'967'295}), testing::IsEmpty());
}

TEST_P(AlertStoreSuite, CursorsWalkTheListWhileNewAlertsComeIn) {
  InsertAll(NumberedAlerts(1, 7));
  AlertQuery query;
  query.limit = 3;
  std::vector<std::uint64_t> seen;
  for (std::uint64_t newer = 100;; ++newer) {
    const auto page = store().List(query).value();
    if (page.empty()) break;
    const std::vector<std::uint64_t> numbers = Numbers(query);
    seen.insert(seen.end(), numbers.begin(), numbers.end());
    query.after = CursorOf(page.back());
    InsertAll({NumberedAlert(newer)});
  }
  EXPECT_THAT(seen, testing::ElementsAre(7, 6, 5, 4, 3, 2, 1));
}

TEST_P(AlertStoreSuite, FiltersNarrowListAndCount) {
  InsertAll(NumberedAlerts(0, 60));
  const auto matching = [](const std::function<bool(std::uint64_t)>& is_in) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = 60; n-- > 0;) {
      if (is_in(n)) numbers.push_back(n);
    }
    return numbers;
  };
  const auto expect = [&](const AlertQuery& query,
                          const std::function<bool(std::uint64_t)>& is_in) {
    EXPECT_EQ(Numbers(query), matching(is_in));
    EXPECT_EQ(store().Count(query).value(), matching(is_in).size());
  };
  expect({.severity = "HIGH"}, [](auto n) { return n % 2 == 1; });
  expect({.alert_type = "SECURITY"}, [](auto) { return true; });
  expect({.alert_type = "security"}, [](auto) { return false; });
  expect({.rule_id = "ANLY-SEC-001"}, [](auto n) { return n % 3 == 1; });
  expect({.actor_id = "user-4"}, [](auto n) { return n % 5 == 4; });
  expect({.actor_id = "user-%"}, [](auto) { return false; });
  expect({.server_hostname = "host-2"}, [](auto n) { return n % 4 == 2; });
  expect({.since = NumberedAlert(10).timestamp}, [](auto n) { return n >= 10; });
  expect({.until = NumberedAlert(10).timestamp}, [](auto n) { return n < 10; });
  expect({.severity = "CRITICAL",
          .rule_id = "ANLY-SEC-000",
          .since = NumberedAlert(6).timestamp,
          .until = NumberedAlert(30).timestamp},
         [](auto n) { return n % 6 == 0 && n >= 6 && n < 30; });
}

TEST_P(AlertStoreSuite, CountIgnoresThePage) {
  InsertAll(NumberedAlerts(1, 5));
  EXPECT_EQ(store().Count({.limit = 2, .offset = 4}).value(), 5U);
}

TEST_P(AlertStoreSuite, ATextIsFoundWhereverItStandsInEitherCase) {
  alert::Alert alert = NumberedAlert(1);
  alert.alert_name = "In the Name";
  alert.description = "100% of _it_ isn't \\ described \xC3\x84";
  alert.analysis_rule = {"rule-ID-7", "rule named so", "not looked at"};
  alert.triggered_by = {"USER", "attacker_BOB", "10.1.2.3"};
  alert.impacted_resource = {"FILE", "/etc/Shadow", "prod-web-01"};
  InsertAll({alert, NumberedAlert(2)});
  for (const char* text : {"the name", "IN THE", "100%", "_it_", "isn't \\", "\xC3\x84", "id-7",
                           "named SO", "Bob", "/etc/shadow", "WEB-01", "10.1.2"}) {
    EXPECT_THAT(Numbers({.text = text}), testing::ElementsAre(1)) << text;
    EXPECT_EQ(store().Count({.text = text}).value(), 1U) << text;
  }
  for (const char* text : {"not looked at", "1002", "N/A", "nowhere", "in%name", "\xC3\xA4"}) {
    EXPECT_THAT(Numbers({.text = text}), testing::IsEmpty()) << text;
  }
  EXPECT_THAT(Numbers({.severity = "CRITICAL", .text = "number 2"}), testing::ElementsAre(2));
}

TEST_P(AlertStoreSuite, FiltersThatNoAlertCanMeetFindNothing) {
  InsertAll(NumberedAlerts(1, 3));
  using namespace std::string_literals;
  for (const std::string& text :
       {"HIGH\0"s, "\0"s, "\xff"s, "HIGH\xC0\x80"s, "\xA9"s, "\xED\xA0\x80"s}) {
    EXPECT_THAT(Numbers({.severity = text}), testing::IsEmpty());
    EXPECT_THAT(Numbers({.text = text}), testing::IsEmpty());
    EXPECT_EQ(store().Count({.rule_id = text}).value(), 0U);
    EXPECT_THAT(store().CountBy(AlertFacet::kStatus, {.actor_id = text}).value(),
                testing::IsEmpty());
  }
}

TEST_P(AlertStoreSuite, CountsByEachFacetTheLargestFirst) {
  InsertAll(NumberedAlerts(0, 7));
  const auto counts = [&](AlertFacet facet, const AlertQuery& query = {}) {
    std::string text;
    const std::vector<FacetCount> found = store().CountBy(facet, query).value();
    for (const FacetCount& count : found) {
      text += count.value + "=" + std::to_string(count.count) + " ";
    }
    return text;
  };
  EXPECT_EQ(counts(AlertFacet::kSeverity), "CRITICAL=4 HIGH=3 ");
  EXPECT_EQ(counts(AlertFacet::kAlertType), "SECURITY=7 ");
  EXPECT_EQ(counts(AlertFacet::kRuleId), "ANLY-SEC-000=3 ANLY-SEC-001=2 ANLY-SEC-002=2 ");
  EXPECT_EQ(counts(AlertFacet::kActorId), "user-0=2 user-1=2 user-2=1 user-3=1 user-4=1 ");
  EXPECT_EQ(counts(AlertFacet::kServerHostname), "host-0=2 host-1=2 host-2=2 host-3=1 ");
  EXPECT_EQ(counts(AlertFacet::kStatus), "open=7 ");
  EXPECT_EQ(counts(AlertFacet::kServerHostname, {.limit = 2, .offset = 1, .severity = "HIGH"}),
            "host-1=2 host-3=1 ");
  EXPECT_EQ(counts(AlertFacet::kSeverity, {.severity = "LOW"}), "");
  alert::Alert nameless = NumberedAlert(8);
  nameless.triggered_by.actor_id = "";
  InsertAll({nameless});
  EXPECT_EQ(counts(AlertFacet::kActorId, {.since = nameless.timestamp}), "=1 ");
}

TEST_P(AlertStoreSuite, AFreshAlertIsOpenAndUntouched) {
  InsertAll({NumberedAlert(1)});
  EXPECT_EQ(store().Get(NumberedUuid(1)).value()->state, AlertState());
  EXPECT_THAT(store().History(NumberedUuid(1)).value(), testing::IsEmpty());
  EXPECT_THAT(store().History(NumberedUuid(2)).value(), testing::IsEmpty());
}

TEST_P(AlertStoreSuite, AChangeKeepsWhoWhenAndWhy) {
  InsertAll(NumberedAlerts(1, 2));
  harness_->clock.Advance(std::chrono::nanoseconds(90'000'001'001));
  const Uuid id = NumberedUuid(1);
  const auto changed = store().SetStatus(id, AlertStatus::kAcknowledged,
                                         {.by = "o'hara \xC3\xA9", .reason = "mine; -- \\"});
  ASSERT_TRUE(changed.has_value()) << changed.error().ToString();
  const AlertState first{.status = AlertStatus::kAcknowledged,
                         .version = 1,
                         .changed_at = Timestamp::Parse("2026-11-20T19:01:30.000001Z").value(),
                         .changed_by = "o'hara \xC3\xA9",
                         .change_reason = "mine; -- \\"};
  EXPECT_EQ(changed->state, first);
  EXPECT_EQ(changed->alert, NumberedAlert(1));
  EXPECT_EQ(store().Get(id).value()->state, first);
  ASSERT_TRUE(store().SetStatus(id, AlertStatus::kFalsePositive, {.by = "eve"}).has_value());
  const auto history = store().History(id).value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0], first);
  EXPECT_EQ(history[1].status, AlertStatus::kFalsePositive);
  EXPECT_EQ(history[1].version, 2U);
  EXPECT_EQ(history[1].changed_by, "eve");
  EXPECT_EQ(store().Get(NumberedUuid(2)).value()->state, AlertState());
}

TEST_P(AlertStoreSuite, FiltersAndCountsKnowTheStatus) {
  InsertAll(NumberedAlerts(1, 4));
  for (const std::uint64_t n : {2U, 4U}) {
    ASSERT_TRUE(
        store().SetStatus(NumberedUuid(n), AlertStatus::kResolved, {.by = "eve"}).has_value());
  }
  EXPECT_THAT(Numbers({.status = AlertStatus::kResolved}), testing::ElementsAre(4, 2));
  EXPECT_THAT(Numbers({.status = AlertStatus::kOpen}), testing::ElementsAre(3, 1));
  EXPECT_EQ(store().Count({.status = AlertStatus::kAcknowledged}).value(), 0U);
  EXPECT_THAT(store().CountBy(AlertFacet::kStatus, {}).value(),
              testing::ElementsAre(FacetCount{"open", 2}, FacetCount{"resolved", 2}));
}

TEST_P(AlertStoreSuite, AChangeCanBeTiedToAVersion) {
  InsertAll({NumberedAlert(1)});
  const Uuid id = NumberedUuid(1);
  const auto change = [&](std::uint32_t version) {
    return store().SetStatus(id, AlertStatus::kResolved,
                             {.by = "eve", .expected_version = version});
  };
  ASSERT_TRUE(change(0).has_value());
  const auto late = change(0);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error(), FailedPrecondition("version: is 1, not 0"));
  EXPECT_EQ(store().History(id).value().size(), 1U);
  EXPECT_TRUE(change(1).has_value());
}

TEST_P(AlertStoreSuite, ChangesThatCannotBeAreRefused) {
  InsertAll({NumberedAlert(1)});
  const auto error = [&](const Uuid& id, const ChangeNote& note) {
    const auto changed = store().SetStatus(id, AlertStatus::kResolved, note);
    return changed ? Status() : changed.error();
  };
  const Uuid id = NumberedUuid(1);
  using namespace std::string_literals;
  EXPECT_EQ(error(id, {}), InvalidArgument("by: is empty"));
  EXPECT_EQ(error(id, {.by = "\xff"}), InvalidArgument("by: is not UTF-8"));
  EXPECT_EQ(error(id, {.by = "a\0"s}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(error(id, {.by = std::string(256, 'x')}).message(),
            "by: has 256 characters, at most 255 can be stored");
  EXPECT_EQ(error(id, {.by = "a", .reason = std::string(4001, 'x')}).message(),
            "reason: has 4001 characters, at most 4000 can be stored");
  EXPECT_EQ(error(NumberedUuid(2), {.by = "a"}), NotFound("there is no such alert"));
  EXPECT_EQ(store().Get(id).value()->state, AlertState());
  std::string longest;
  for (int i = 0; i < 255; ++i) longest += "\xC3\xA9";
  EXPECT_TRUE(error(id, {.by = longest, .reason = std::string(4000, 'x')}).ok());
}

TEST_P(AlertStoreSuite, ADeletedAlertIsHiddenAndStaysDeleted) {
  InsertAll(NumberedAlerts(1, 3));
  const Uuid id = NumberedUuid(2);
  const auto deleted = store().Delete(id, {.by = "eve", .reason = "test data"});
  ASSERT_TRUE(deleted.has_value()) << deleted.error().ToString();
  EXPECT_TRUE(deleted->state.deleted);
  EXPECT_EQ(deleted->state.status, AlertStatus::kOpen);
  EXPECT_FALSE(store().Get(id).value().has_value());
  EXPECT_THAT(Numbers({}), testing::ElementsAre(3, 1));
  EXPECT_THAT(Numbers({.include_deleted = true}), testing::ElementsAre(3, 2, 1));
  EXPECT_EQ(store().Count({}).value(), 2U);
  EXPECT_THAT(store().CountBy(AlertFacet::kAlertType, {}).value(),
              testing::ElementsAre(FacetCount{"SECURITY", 2}));
  EXPECT_EQ(store().Delete(id, {.by = "eve"}).error().code(), StatusCode::kNotFound);
  EXPECT_EQ(store().SetStatus(id, AlertStatus::kOpen, {.by = "eve"}).error().code(),
            StatusCode::kNotFound);
  ASSERT_EQ(store().History(id).value().size(), 1U);
  EXPECT_TRUE(store().History(id).value()[0].deleted);
  const alert::Alert again = NumberedAlert(2);
  EXPECT_THAT(OutcomesOf(store().Insert({&again, 1})),
              testing::ElementsAre(InsertOutcome::kDuplicate));
  EXPECT_FALSE(store().Get(id).value().has_value());
}

TEST_P(AlertStoreSuite, ChangesAtTheSameTimeAllCount) {
  InsertAll({NumberedAlert(1)});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(store()
                        .SetStatus(NumberedUuid(1), AlertStatus::kAcknowledged, {.by = "eve"})
                        .has_value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store().Get(NumberedUuid(1)).value()->state.version, 40U);
  EXPECT_EQ(store().History(NumberedUuid(1)).value().size(), 40U);
}

TEST_P(AlertStoreSuite, SeveralThreadsInsertEachAlertOnce) {
  constexpr std::uint64_t kAlerts = 200;
  std::atomic<std::uint64_t> inserted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t at = 0; at < kAlerts; at += 20) {
        for (const InsertOutcome outcome : OutcomesOf(store().Insert(NumberedAlerts(at, 20)))) {
          if (outcome == InsertOutcome::kInserted) ++inserted;
        }
        EXPECT_TRUE(store().List({.limit = 5}).has_value());
        EXPECT_TRUE(store().Get(NumberedUuid(at)).value().has_value());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(inserted, kAlerts);
  EXPECT_EQ(store().Count({}).value(), kAlerts);
}

}  // namespace auditflow::store
