#pragma once

// What every EventStore has to do, as tests with a parameter. A test program includes this once and
// instantiates EventStoreSuite with an EventStoreSuiteParam per implementation.

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
#include "auditflow/store/event_store.hpp"

#include "tests/store/numbered_events.hpp"

namespace auditflow::store {

/// A store under test, empty at first; one that needs to know what time it is asks `clock`.
class EventStoreHarness {
 public:
  virtual ~EventStoreHarness() = default;
  virtual EventStore& store() = 0;
  ManualClock clock{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
};

struct EventStoreSuiteParam {
  std::string name;
  std::function<std::unique_ptr<EventStoreHarness>()> make;  ///< null: its server is missing here
};

inline std::string EventStoreSuiteName(const testing::TestParamInfo<EventStoreSuiteParam>& test) {
  return test.param.name;
}

class EventStoreSuite : public testing::TestWithParam<EventStoreSuiteParam> {
 protected:
  using Numbers = std::vector<std::uint64_t>;
  static constexpr auto kInserted = InsertOutcome::kInserted;
  static constexpr auto kDuplicate = InsertOutcome::kDuplicate;
  static constexpr auto kRejected = InsertOutcome::kRejected;

  void SetUp() override {
    if (!harness_) GTEST_SKIP() << "the server of this store is missing here";
  }
  EventStore& store() { return harness_->store(); }
  std::vector<InsertOutcome> Insert(const std::vector<ArchivedEvent>& events) {
    const auto results = store().Insert(events);
    std::vector<InsertOutcome> outcomes;
    EXPECT_TRUE(results.has_value()) << (results ? "" : results.error().ToString());
    if (!results) return outcomes;
    for (const InsertResult& result : *results) outcomes.push_back(result.outcome);
    return outcomes;
  }
  void InsertAll(const std::vector<ArchivedEvent>& events) {
    EXPECT_THAT(Insert(events),
                testing::AllOf(testing::SizeIs(events.size()), testing::Each(kInserted)));
  }
  EventPage List(const EventQuery& query) {
    auto page = store().List(query);
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().ToString());
    return page ? *std::move(page) : EventPage();
  }
  static std::uint64_t NumberOf(const ArchivedEvent& event) {
    return std::stoull(event.event_id.ToString().substr(24), nullptr, 16);
  }
  static Numbers NumbersOf(const EventPage& page) {
    Numbers numbers;
    for (const ArchivedEvent& event : page.events) numbers.push_back(NumberOf(event));
    return numbers;
  }
  Numbers Listed(const EventFilter& filter) {
    return NumbersOf(List({.filter = filter, .limit = 1000}));
  }
  EventStats Stats(const StatsQuery& query) {
    auto stats = store().Stats(query);
    EXPECT_TRUE(stats.has_value()) << (stats ? "" : stats.error().ToString());
    return stats ? *std::move(stats) : EventStats();
  }

  static LaterRule RuleOf(const ArchivedEvent& event, std::string rule_id) {
    return {event.event_id, event.timestamp, std::move(rule_id)};
  }

  const std::unique_ptr<EventStoreHarness> harness_ = GetParam().make();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EventStoreSuite);

TEST_P(EventStoreSuite, AnEmptyStoreAnswers) {
  EXPECT_TRUE(store().Ping().ok());
  EXPECT_THAT(Insert({}), testing::IsEmpty());
  const EventPage page = List({});
  EXPECT_THAT(page.events, testing::IsEmpty());
  EXPECT_FALSE(page.next.has_value());
  EXPECT_FALSE(store().Get(NumberedUuid(1)).value().has_value());
  EXPECT_TRUE(store().DropBefore(harness_->clock.Now()).ok());
  const EventStats stats = Stats({.filter = {.since = EventTime(0), .until = EventTime(60)}});
  EXPECT_THAT(stats.series, testing::IsEmpty());
  EXPECT_EQ(stats.other.total, 0U);
}

TEST_P(EventStoreSuite, GivesBackWhatWasStored) {
  ArchivedEvent event = NumberedEvent(10);
  event.raw = " {\"a\" : 1.50,\t\"b\":\"\\u0000\\/\xC3\xA9\"}\r\n";
  ArchivedEvent bare;
  bare.event_id = NumberedUuid(9);
  bare.timestamp = bare.received_at = EventTime(9);
  bare.has_time = false;
  bare.raw = "{}";
  InsertAll({event, bare});
  EXPECT_EQ(store().Get(event.event_id).value(), event);
  EXPECT_EQ(store().Get(bare.event_id).value(), bare);
  EXPECT_THAT(List({}).events, testing::ElementsAre(event, bare));
}

TEST_P(EventStoreSuite, HostileTextsAreData) {
  const std::vector<std::string> hostile = {"=cmd|' /C calc'!A0",
                                            "<script>alert(1)</script>",
                                            "'; DROP TABLE events; --",
                                            "\"},{\"a\":\"",
                                            "{a,b}",
                                            "%_\\",
                                            "\\N",
                                            "\\.",
                                            "a\tb\nc\rd\be\fg\vh",
                                            "\x01\x7f",
                                            "\xE2\x80\xAE"
                                            "x",
                                            "\xF0\x9F\x92\xA3",
                                            "?1",
                                            "$1",
                                            "NULL",
                                            "0",
                                            std::string(kMaxArchivedText, 'x')};
  std::uint64_t number = 0;
  for (const std::string& text : hostile) {
    ArchivedEvent event = NumberedEvent(number++);
    event.source_service = event.server_hostname = event.event_type = text;
    event.severity = event.user_id = event.action_result = text;
    event.rule_ids = {text, "b"};
    event.raw = "{\"text\":\"" + text + "\"}";
    InsertAll({event});
    EXPECT_EQ(store().Get(event.event_id).value(), event) << text;
    const EventFilter filter = {.source_service = text,
                                .server_hostname = text,
                                .event_type = text,
                                .severity = text,
                                .user_id = text,
                                .action_result = text,
                                .rule_id = text,
                                .text = text};
    EXPECT_THAT(Listed(filter), testing::ElementsAre(number - 1)) << text;
  }
  EXPECT_EQ(Listed({}).size(), hostile.size());
}

TEST_P(EventStoreSuite, ARepeatIsADuplicateAndChangesNothing) {
  ArchivedEvent repeat = NumberedEvent(1);
  repeat.user_id = "another";
  repeat.received_at = repeat.received_at + std::chrono::hours(1);
  EXPECT_THAT(Insert({NumberedEvent(1), NumberedEvent(2), repeat, NumberedEvent(3)}),
              testing::ElementsAre(kInserted, kInserted, kDuplicate, kInserted));
  EXPECT_THAT(Insert({NumberedEvent(4), repeat, NumberedEvent(2)}),
              testing::ElementsAre(kInserted, kDuplicate, kDuplicate));
  EXPECT_THAT(List({}).events, testing::ElementsAre(NumberedEvent(4), NumberedEvent(3),
                                                    NumberedEvent(2), NumberedEvent(1)));
}

TEST_P(EventStoreSuite, OneIdWithTwoTimesIsTwoEvents) {
  const ArchivedEvent first = NumberedEvent(1);
  ArchivedEvent second = first;
  second.timestamp = second.timestamp + Duration(1);
  ArchivedEvent third = first;
  third.timestamp = third.timestamp - std::chrono::hours(24);
  EXPECT_THAT(Insert({first, second, third, second}),
              testing::ElementsAre(kInserted, kInserted, kInserted, kDuplicate));
  EXPECT_THAT(List({.filter = {.event_id = first.event_id}}).events,
              testing::ElementsAre(second, first, third));
  EXPECT_EQ(store().Get(first.event_id).value(), second);
}

TEST_P(EventStoreSuite, AnEventWithoutATimeOfItsOwnIsKnownByItsId) {
  const auto arriving = [](std::uint64_t number, std::int64_t hours) {
    ArchivedEvent event = NumberedEvent(number);
    event.timestamp = event.received_at = event.received_at + std::chrono::hours(hours);
    event.has_time = false;
    return event;
  };
  EXPECT_THAT(Insert({arriving(1, 0), arriving(1, 1), NumberedEvent(2), arriving(2, 1)}),
              testing::ElementsAre(kInserted, kDuplicate, kInserted, kDuplicate));
  EXPECT_THAT(Insert({arriving(1, 30), arriving(2, 30), arriving(3, 30)}),
              testing::ElementsAre(kDuplicate, kDuplicate, kInserted));
  // The other way round they differ: this one says when it was.
  EXPECT_THAT(Insert({arriving(4, 0), NumberedEvent(4)}),
              testing::ElementsAre(kInserted, kInserted));
  EXPECT_EQ(store().Get(NumberedUuid(1)).value(), arriving(1, 0));
}

TEST_P(EventStoreSuite, WhatCannotBeStoredIsRejectedAlone) {
  using std::string_literals::operator""s;
  std::vector<ArchivedEvent> events = NumberedEvents(1, 8);
  events[0].user_id = "a\0b"s;
  events[2].raw = "{\"a\":\"\xFF\"}";
  events[3].raw = "";
  events[4].rule_ids = {"fine", std::string(kMaxArchivedText + 1, 'x')};
  events[5].event_type = "\xED\xA0\x80";
  events[6].raw = "{\0}"s;
  const auto results = store().Insert(events).value();
  std::vector<std::string> reasons;
  for (const InsertResult& result : results) reasons.push_back(result.reason);
  EXPECT_THAT(reasons,
              testing::ElementsAre("user_id: contains a NUL character", "", "raw: is not UTF-8",
                                   "raw: is empty", "rule_ids: is longer than 1024 bytes",
                                   "event_type: is not UTF-8", "raw: contains a NUL byte", ""));
  EXPECT_EQ(results[0].outcome, kRejected);
  EXPECT_THAT(Listed({}), testing::ElementsAre(8, 2));
}

TEST_P(EventStoreSuite, ListsTheNewestFirst) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 6);
  events[1].timestamp = events[4].timestamp = EventTime(3);  // 2, 3 and 5 are equally old
  events[5].timestamp = EventTime(3) + Duration(1);
  std::swap(events[0], events[3]);
  InsertAll(events);
  EXPECT_THAT(Listed({}), testing::ElementsAre(4, 6, 5, 3, 2, 1));
}

TEST_P(EventStoreSuite, PagesSkipAndRepeatNothing) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 20);
  for (std::size_t i = 0; i < 10; ++i) events[i].timestamp = EventTime(5);
  InsertAll(events);
  Numbers seen;
  EventQuery query = {.limit = 7};
  std::vector<std::size_t> sizes;
  for (std::uint64_t newer = 100;; ++newer) {
    const EventPage page = List(query);
    sizes.push_back(page.events.size());
    for (const ArchivedEvent& event : page.events) seen.push_back(NumberOf(event));
    if (!page.next) break;
    EXPECT_EQ(page.next, CursorOf(page.events.back()));
    query.after = page.next;
    InsertAll({NumberedEvent(newer)});
  }
  EXPECT_THAT(sizes, testing::ElementsAre(7, 7, 6));
  Numbers expected;
  for (std::uint64_t number = 20; number >= 1; --number) expected.push_back(number);
  EXPECT_EQ(seen, expected);
}

TEST_P(EventStoreSuite, TheLastPageSaysThatItIsTheLast) {
  InsertAll(NumberedEvents(1, 4));
  const EventPage first = List({.limit = 2});
  ASSERT_TRUE(first.next.has_value());
  const EventPage last = List({.limit = 2, .after = first.next});
  EXPECT_THAT(NumbersOf(last), testing::ElementsAre(2, 1));
  EXPECT_FALSE(last.next.has_value());
  EXPECT_THAT(List({.limit = 0}).events, testing::IsEmpty());
}

TEST_P(EventStoreSuite, APageOfLargeEventsEndsEarly) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 4);
  for (std::size_t i = 0; i < 3; ++i) {
    events[i].raw = "{\"a\":\"" + std::string(kMaxEventPageBytes * 2 / 5, 'x') + "\"}";
  }
  events[1].raw = "{\"a\":\"" + std::string(kMaxEventPageBytes + 1, 'x') + "\"}";
  InsertAll(events);
  std::vector<Numbers> pages;
  EventQuery query;
  do {
    const EventPage page = List(query);
    pages.push_back(NumbersOf(page));
    query.after = page.next;
  } while (query.after);
  EXPECT_THAT(pages, testing::ElementsAre(Numbers{4, 3}, Numbers{2}, Numbers{1}));
}

TEST_P(EventStoreSuite, FiltersNarrowTheList) {
  InsertAll(NumberedEvents(1, 60));
  const struct {
    EventFilter filter;
    std::function<bool(std::uint64_t)> passes;
  } cases[] = {
      {{}, [](auto) { return true; }},
      {{.event_id = NumberedUuid(7)}, [](auto n) { return n == 7; }},
      {{.source_service = "audit-event-generator"}, [](auto) { return true; }},
      {{.source_service = "audit"}, [](auto) { return false; }},
      {{.server_hostname = "host-3"}, [](auto n) { return n % 4 == 3; }},
      {{.server_hostname = "HOST-3"}, [](auto) { return false; }},
      {{.event_type = "user_login"}, [](auto n) { return n % 2 == 0; }},
      {{.severity = "WARNING"}, [](auto n) { return n % 3 == 0; }},
      {{.user_id = "user-4"}, [](auto n) { return n % 5 == 4; }},
      {{.action_result = "FAILURE"}, [](auto n) { return n % 6 == 0; }},
      {{.rule_id = "rule-1"}, [](auto n) { return n % 10 == 0 && n % 3 == 1; }},
      {{.rule_id = "rule"}, [](auto) { return false; }},
      {{.matched = true}, [](auto n) { return n % 10 == 0; }},
      {{.since = EventTime(10)}, [](auto n) { return n >= 10; }},
      {{.since = EventTime(10) + Duration(1)}, [](auto n) { return n > 10; }},
      {{.until = EventTime(10)}, [](auto n) { return n < 10; }},
      {{.since = EventTime(10), .until = EventTime(20)}, [](auto n) { return n >= 10 && n < 20; }},
      {{.text = "etc/sHADOW"}, [](auto) { return true; }},
      {{.text = "\"n\": 5.50"}, [](auto n) { return n == 5; }},
      {{.text = "\xFF"}, [](auto) { return false; }},
      {{.user_id = "\xFF"}, [](auto) { return false; }},
      {{.user_id = std::string("user-4\0", 7)}, [](auto) { return false; }},
      {{.rule_id = std::string("rule-1\0", 7)}, [](auto) { return false; }},
      {{.event_type = "user_login", .user_id = "user-0", .matched = true},
       [](auto n) { return n % 10 == 0; }},
  };
  int number = 0;
  for (const auto& test : cases) {
    Numbers expected;
    for (std::uint64_t n = 60; n >= 1; --n) {
      if (test.passes(n)) expected.push_back(n);
    }
    EXPECT_EQ(Listed(test.filter), expected) << "case " << number;
    ++number;
  }
}

TEST_P(EventStoreSuite, KeepsTheEndsOfTime) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 6);
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> times = {kFirst, kFirst + 1, -1, 0, kLast - 1, kLast};
  for (std::size_t i = 0; i < times.size(); ++i) {
    events[i].timestamp = Timestamp::FromUnixNanos(times[i]);
  }
  InsertAll(events);
  EXPECT_THAT(Insert(events), testing::Each(kDuplicate));
  EXPECT_THAT(Listed({}), testing::ElementsAre(6, 5, 4, 3, 2, 1));
  for (const ArchivedEvent& event : events) {
    EXPECT_EQ(store().Get(event.event_id).value(), event) << event.timestamp.ToString();
  }
  EXPECT_THAT(Listed({.since = events[4].timestamp}), testing::ElementsAre(6, 5));
  EXPECT_THAT(Listed({.until = events[1].timestamp}), testing::ElementsAre(1));
  EXPECT_THAT(NumbersOf(List({.after = CursorOf(events[2])})), testing::ElementsAre(2, 1));
}

TEST_P(EventStoreSuite, CountsOverTime) {
  InsertAll(NumberedEvents(0, 60));  // from 18:00:00.000000001 on, one a second
  const Timestamp start = Timestamp::Parse("2026-11-20T18:00:00Z").value();
  StatsQuery query = {.filter = {.since = start + std::chrono::seconds(5),
                                 .until = start + std::chrono::minutes(1)},
                      .bucket = std::chrono::seconds(20)};
  const EventStats all = Stats(query);
  EXPECT_EQ(all.first_bucket, start);
  EXPECT_EQ(all.bucket, std::chrono::seconds(20));
  EXPECT_THAT(all.series, testing::ElementsAre(EventSeries{"", 55, {15, 20, 20}}));
  EXPECT_EQ(all.other, (EventSeries{"", 0, {0, 0, 0}}));

  query.by = EventFacet::kActionResult;
  query.filter.since = start;
  EXPECT_THAT(Stats(query).series, testing::ElementsAre(EventSeries{"SUCCESS", 50, {16, 17, 17}},
                                                        EventSeries{"FAILURE", 10, {4, 3, 3}}));
  query.filter.event_type = "user_login";
  query.filter.user_id = "user-0";
  EXPECT_THAT(Stats(query).series, testing::ElementsAre(EventSeries{"SUCCESS", 4, {1, 1, 2}},
                                                        EventSeries{"FAILURE", 2, {1, 1, 0}}));
}

TEST_P(EventStoreSuite, CountsByEachFacet) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 12);
  events[4].server_hostname = events[4].source_service = "";
  InsertAll(events);
  const struct {
    EventFacet by;
    std::vector<std::pair<std::string, std::uint64_t>> totals;
  } cases[] = {
      {EventFacet::kNone, {{"", 12}}},
      {EventFacet::kEventType, {{"sudo_command", 6}, {"user_login", 6}}},
      {EventFacet::kActionResult, {{"SUCCESS", 10}, {"FAILURE", 2}}},
      {EventFacet::kServerHostname,
       {{"host-0", 3}, {"host-2", 3}, {"host-3", 3}, {"host-1", 2}, {"", 1}}},
      {EventFacet::kSeverity, {{"INFO", 8}, {"WARNING", 4}}},
      {EventFacet::kUserId,
       {{"user-1", 3}, {"user-2", 3}, {"user-0", 2}, {"user-3", 2}, {"user-4", 2}}},
      {EventFacet::kSourceService, {{"audit-event-generator", 11}, {"", 1}}},
      {EventFacet::kRuleId, {{"ANLY-SEC-001", 1}, {"rule-1", 1}}},
  };
  for (const auto& test : cases) {
    std::vector<std::pair<std::string, std::uint64_t>> totals;
    const EventStats stats = Stats({.filter = {.since = EventTime(0), .until = EventTime(60)},
                                    .bucket = std::chrono::hours(24),
                                    .by = test.by});
    for (const EventSeries& series : stats.series) totals.emplace_back(series.value, series.total);
    EXPECT_EQ(totals, test.totals) << ToString(test.by);
  }
}

TEST_P(EventStoreSuite, RareValuesAreCountedTogether) {
  InsertAll(NumberedEvents(0, 59));  // user-0 to user-3 have 12, user-4 has 11
  const Timestamp start = Timestamp::Parse("2026-11-20T18:00:00Z").value();
  const EventStats stats =
      Stats({.filter = {.since = start, .until = start + std::chrono::minutes(1)},
             .bucket = std::chrono::seconds(30),
             .by = EventFacet::kUserId,
             .limit = 2});
  EXPECT_THAT(stats.series, testing::ElementsAre(EventSeries{"user-0", 12, {6, 6}},
                                                 EventSeries{"user-1", 12, {6, 6}}));
  EXPECT_EQ(stats.other, (EventSeries{"", 35, {18, 17}}));
}

TEST_P(EventStoreSuite, CountsBefore1970AndFarAhead) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 3);
  events[0].timestamp = Timestamp::FromUnixNanos(-1);
  events[1].timestamp = Timestamp::FromUnixNanos(-60'000'000'000);
  events[2].timestamp = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::max());
  InsertAll(events);
  EXPECT_THAT(Stats({.filter = {.since = Timestamp::FromUnixNanos(-90'000'000'000),
                                .until = Timestamp::FromUnixNanos(1)},
                     .bucket = std::chrono::minutes(1)})
                  .series,
              testing::ElementsAre(EventSeries{"", 2, {0, 2, 0}}));
  const Timestamp first = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::min());
  const EventStats all = Stats({.filter = {.since = first, .until = events[2].timestamp},
                                .bucket = std::chrono::hours(9000)});
  ASSERT_EQ(all.series.size(), 1U);
  EXPECT_EQ(all.series[0].total, 2U);
}

TEST_P(EventStoreSuite, RefusesStatsThatMakeNoSense) {
  const Timestamp start = EventTime(0);
  const struct {
    StatsQuery query;
    std::string error;
  } cases[] = {
      {{.filter = {.until = start}}, "since: is missing"},
      {{.filter = {.since = start}}, "until: is missing"},
      {{.filter = {.since = start, .until = start}}, "until: is not after since"},
      {{.filter = {.since = start, .until = EventTime(1)}, .bucket = Duration(0)},
       "bucket: must be one or more whole seconds"},
      {{.filter = {.since = start, .until = EventTime(1)},
        .bucket = std::chrono::milliseconds(1500)},
       "bucket: must be one or more whole seconds"},
      {{.filter = {.since = start, .until = EventTime(2001)}, .bucket = std::chrono::seconds(1)},
       "bucket: is too short: the time range has more than 2000 of them"},
      {{.filter = {.since = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::min()),
                   .until = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::max())},
        .bucket = std::chrono::seconds(1)},
       "bucket: is too short: the time range has more than 2000 of them"},
      {{.filter = {.since = start, .until = EventTime(1)}, .limit = 0},
       "limit: must be from 1 to 1000"},
      {{.filter = {.since = start, .until = EventTime(1)}, .limit = 1001},
       "limit: must be from 1 to 1000"},
  };
  for (const auto& test : cases) {
    const auto stats = store().Stats(test.query);
    ASSERT_FALSE(stats.has_value()) << test.error;
    EXPECT_EQ(stats.error(), InvalidArgument(test.error));
  }
}

TEST_P(EventStoreSuite, RulesAreAddedToEventsThatAreThere) {
  InsertAll({NumberedEvent(9), NumberedEvent(10), NumberedEvent(11)});  // 10 has two rules
  const std::vector<LaterRule> rules = {
      RuleOf(NumberedEvent(9), "b"), RuleOf(NumberedEvent(10), "late"),
      RuleOf(NumberedEvent(9), "a"), RuleOf(NumberedEvent(10), "rule-1"),  // which it has
      RuleOf(NumberedEvent(9), "b")};
  EXPECT_EQ(store().AddRules(rules).value(), 0U);
  ArchivedEvent first = NumberedEvent(9);
  first.rule_ids = {"b", "a"};
  ArchivedEvent second = NumberedEvent(10);
  second.rule_ids.emplace_back("late");
  EXPECT_THAT(List({}).events, testing::ElementsAre(NumberedEvent(11), second, first));
  EXPECT_EQ(store().AddRules(rules).value(), 0U);  // once more changes nothing
  EXPECT_THAT(List({}).events, testing::ElementsAre(NumberedEvent(11), second, first));
  EXPECT_THAT(Listed({.rule_id = "b"}), testing::ElementsAre(9));
  EXPECT_THAT(Listed({.matched = true}), testing::ElementsAre(10, 9));
  EXPECT_THAT(Insert({NumberedEvent(9)}), testing::ElementsAre(kDuplicate));
  EXPECT_EQ(store().Get(first.event_id).value(), first);
  EXPECT_EQ(store().AddRules({}).value(), 0U);
}

TEST_P(EventStoreSuite, RulesOfEventsThatAreNotThereYetWait) {
  const std::vector<LaterRule> rules = {
      RuleOf(NumberedEvent(1), "b"), RuleOf(NumberedEvent(10), "late"),
      RuleOf(NumberedEvent(1), "a"), RuleOf(NumberedEvent(10), "rule-1")};
  EXPECT_EQ(store().AddRules(rules).value(), 4U);
  EXPECT_EQ(store().AddRules(rules).value(), 4U);
  EXPECT_THAT(List({}).events, testing::IsEmpty());
  InsertAll({NumberedEvent(1), NumberedEvent(2), NumberedEvent(10)});
  ArchivedEvent first = NumberedEvent(1);
  first.rule_ids = {"b", "a"};
  ArchivedEvent second = NumberedEvent(10);
  second.rule_ids.emplace_back("late");
  EXPECT_THAT(List({}).events, testing::ElementsAre(second, NumberedEvent(2), first));
  // They waited once.
  EXPECT_TRUE(store().DropBefore(EventTime(0) + std::chrono::hours(48)).ok());
  InsertAll({NumberedEvent(1)});
  EXPECT_EQ(store().Get(NumberedUuid(1)).value(), NumberedEvent(1));
}

TEST_P(EventStoreSuite, ARuleGoesToTheEventOfItsTime) {
  const ArchivedEvent first = NumberedEvent(1);
  ArchivedEvent second = first;
  second.timestamp = second.timestamp + Duration(1);
  ArchivedEvent untimed = NumberedEvent(2);
  untimed.has_time = false;
  ArchivedEvent later = first;
  later.timestamp = later.timestamp + std::chrono::hours(24);
  InsertAll({first, second, untimed});
  EXPECT_EQ(store()
                .AddRules(std::vector<LaterRule>{RuleOf(second, "second"),
                                                 RuleOf(later, "later"),
                                                 {untimed.event_id, EventTime(999), "arrived"},
                                                 {untimed.event_id, EventTime(1000), "arrived"}})
                .value(),
            1U);
  second.rule_ids = {"second"};
  untimed.rule_ids = {"arrived"};
  EXPECT_THAT(List({}).events, testing::ElementsAre(untimed, second, first));
  InsertAll({later});
  later.rule_ids = {"later"};
  EXPECT_EQ(store().Get(first.event_id).value(), later);
}

TEST_P(EventStoreSuite, ARuleWaitsForAnEventWithoutATime) {
  ArchivedEvent untimed = NumberedEvent(1);
  untimed.has_time = false;
  EXPECT_EQ(store()
                .AddRules(std::vector<LaterRule>{{untimed.event_id, EventTime(998), "b"},
                                                 {untimed.event_id, EventTime(999), "a"},
                                                 {untimed.event_id, EventTime(999), "b"}})
                .value(),
            3U);
  InsertAll({untimed});
  untimed.rule_ids = {"b", "a"};
  ArchivedEvent stored = store().Get(untimed.event_id).value().value();
  std::ranges::sort(stored.rule_ids, std::greater<>());
  EXPECT_EQ(stored, untimed);
}

TEST_P(EventStoreSuite, HostileRulesAreData) {
  std::vector<LaterRule> rules;
  for (const char* rule : {"'; DROP TABLE events; --", "{a,b}", "\"},{\"a\":\"", "\\N", "NULL", "",
                           "a\tb\nc", "\x01\x7f", "\xF0\x9F\x92\xA3", "$[0]"}) {
    rules.push_back(RuleOf(NumberedEvent(1), rule));
    rules.push_back(RuleOf(NumberedEvent(2), rule));
  }
  InsertAll({NumberedEvent(1)});
  EXPECT_EQ(store().AddRules(rules).value(), rules.size() / 2);
  InsertAll({NumberedEvent(2)});
  const std::vector<std::string> expected = store().Get(NumberedUuid(1)).value().value().rule_ids;
  ASSERT_EQ(expected.size(), rules.size() / 2);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(expected[i], rules[2 * i].rule_id);
  EXPECT_EQ(store().Get(NumberedUuid(2)).value().value().rule_ids, expected);
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("\xFF"), std::string(kMaxArchivedText + 1, 'x')}) {
    const auto refused = store().AddRules(
        std::vector<LaterRule>{RuleOf(NumberedEvent(1), "good"), RuleOf(NumberedEvent(1), bad)});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(store().Get(NumberedUuid(1)).value().value().rule_ids, expected);
}

TEST_P(EventStoreSuite, WhatWaitsIsForgottenWithItsDay) {
  const ArchivedEvent today = NumberedEvent(1);
  ArchivedEvent yesterday = NumberedEvent(2);
  yesterday.timestamp = yesterday.timestamp - std::chrono::hours(24);
  EXPECT_EQ(
      store().AddRules(std::vector<LaterRule>{RuleOf(today, "a"), RuleOf(yesterday, "b")}).value(),
      2U);
  EXPECT_TRUE(store().DropBefore(today.timestamp).ok());
  InsertAll({today, yesterday});
  EXPECT_THAT(store().Get(today.event_id).value()->rule_ids, testing::ElementsAre("a"));
  EXPECT_THAT(store().Get(yesterday.event_id).value()->rule_ids, testing::IsEmpty());
}

TEST_P(EventStoreSuite, TheNewestOfTooManyRulesWait) {
  std::vector<LaterRule> rules;
  for (std::uint64_t n = 1; n <= kMaxWaitingRules + 1; ++n) {
    rules.push_back({NumberedUuid(n), EventTime(n), "late"});
  }
  EXPECT_EQ(store().AddRules(rules).value(), kMaxWaitingRules + 1);
  InsertAll(NumberedEvents(1, 3));
  EXPECT_THAT(Listed({.rule_id = "late"}), testing::ElementsAre(3, 2));
}

TEST_P(EventStoreSuite, EventsAndTheirRulesMeetInAnyOrder) {
  constexpr std::uint64_t kEvents = 120;
  constexpr std::uint64_t kChunk = 10;
  std::thread adding([&] {
    for (std::uint64_t first = 1; first <= kEvents; first += kChunk) {
      std::vector<LaterRule> rules;
      for (std::uint64_t n = first; n < first + kChunk; ++n) {
        rules.push_back(RuleOf(NumberedEvent(n), "late"));
      }
      const auto added = store().AddRules(rules);
      ASSERT_TRUE(added.has_value()) << added.error().ToString();
    }
  });
  for (std::uint64_t first = 1; first <= kEvents; first += kChunk) {
    EXPECT_TRUE(store().Insert(NumberedEvents(first, kChunk)).has_value());
  }
  adding.join();
  EXPECT_EQ(Listed({.rule_id = "late"}).size(), kEvents);
}

TEST_P(EventStoreSuite, WholeDaysAreDropped) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 5);
  const auto at = [](const char* text) { return Timestamp::Parse(text).value(); };
  events[0].timestamp = at("2026-11-17T12:00:00Z");
  events[1].timestamp = at("2026-11-18T23:59:59.999999999Z");
  events[2].timestamp = at("2026-11-19T00:00:00Z");
  events[3].timestamp = at("2026-11-19T12:00:00Z");
  events[4].timestamp = at("2026-11-20T12:00:00Z");
  InsertAll(events);
  EXPECT_TRUE(store().DropBefore(at("2026-11-19T18:00:00Z")).ok());
  EXPECT_THAT(Listed({}), testing::ElementsAre(5, 4, 3));
  EXPECT_FALSE(store().Get(NumberedUuid(1)).value().has_value());
  EXPECT_TRUE(store().DropBefore(at("2026-11-19T18:00:00Z")).ok());
  // What is gone is unknown.
  EXPECT_THAT(Insert({events[0], events[3]}), testing::ElementsAre(kInserted, kDuplicate));
  EXPECT_TRUE(store().DropBefore(at("2026-11-21T00:00:00Z")).ok());
  EXPECT_THAT(Listed({}), testing::IsEmpty());
}

TEST_P(EventStoreSuite, AbsurdTimesKeepNoEventForEver) {
  std::vector<ArchivedEvent> events = NumberedEvents(1, 5);
  const auto at = [](const char* text) { return Timestamp::Parse(text).value(); };
  for (ArchivedEvent& event : events) event.received_at = at("2026-11-20T19:00:00Z");
  events[0].timestamp = at("1971-01-01T00:00:00Z");
  events[1].timestamp = at("2026-11-20T18:00:00Z");
  events[2].timestamp = at("2026-11-21T23:59:59Z");  // tomorrow is believed
  events[3].timestamp = at("2026-11-22T00:00:00Z");
  events[4].timestamp = at("2200-01-01T00:00:00Z");
  InsertAll(events);
  EXPECT_TRUE(store().DropBefore(at("2026-11-20T01:00:00Z")).ok());
  EXPECT_THAT(Listed({}), testing::ElementsAre(5, 4, 3, 2));
  EXPECT_TRUE(store().DropBefore(at("2026-11-21T00:00:00Z")).ok());
  EXPECT_THAT(Listed({}), testing::ElementsAre(3));
  EXPECT_TRUE(store().DropBefore(at("2026-11-22T00:00:00Z")).ok());
  EXPECT_THAT(Listed({}), testing::IsEmpty());
}

TEST_P(EventStoreSuite, TakesBatchesOfAnySize) {
  InsertAll(NumberedEvents(1, 2501));
  EXPECT_EQ(Stats({.filter = {.since = EventTime(0), .until = EventTime(10'000)}}).series[0].total,
            2501U);
  std::vector<ArchivedEvent> mixed = NumberedEvents(2400, 200);
  std::vector<InsertOutcome> expected(102, kDuplicate);
  expected.resize(200, kInserted);
  EXPECT_EQ(Insert(mixed), expected);
}

TEST_P(EventStoreSuite, SeveralThreadsInsertEachEventOnce) {
  constexpr std::size_t kThreads = 4;
  std::atomic<std::uint64_t> inserted = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t batch = 0; batch < 5; ++batch) {
        std::vector<ArchivedEvent> events = NumberedEvents(1 + batch * 20, 40);
        for (std::size_t i = 0; i < events.size(); i += 7) {  // some without a time of their own
          events[i].timestamp = events[i].received_at =
              events[i].received_at + std::chrono::milliseconds(t);
          events[i].has_time = false;
          events[i].event_id = NumberedUuid(1000 + i);
        }
        if (t % 2 == 1) std::reverse(events.begin(), events.end());
        const auto results = store().Insert(events);
        ASSERT_TRUE(results.has_value()) << results.error().ToString();
        for (const InsertResult& result : *results) {
          if (result.outcome == kInserted) ++inserted;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Numbers listed = Listed({});
  EXPECT_EQ(inserted, listed.size());
  Numbers unique = listed;
  std::ranges::sort(unique);
  EXPECT_EQ(std::ranges::adjacent_find(unique), unique.end());
}

}  // namespace auditflow::store
