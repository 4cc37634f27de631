#include <algorithm>

#include "auditflow/event/event.hpp"
#include "auditflow/store/in_memory_event_store.hpp"
#include "auditflow/store/sqlite_event_store.hpp"
#include "auditflow/store/sqlite_file.hpp"

#include "tests/store/event_store_suite.hpp"
#include "tests/store/temporary_folder.hpp"

namespace auditflow::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class InMemoryHarness final : public EventStoreHarness {
 public:
  EventStore& store() override { return store_; }

 private:
  InMemoryEventStore store_;
};

class SqliteHarness final : public EventStoreHarness {
 public:
  EventStore& store() override { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteEventStore> store_ =
      SqliteEventStore::Create({.path = folder_.path() / "events.db"}).value();
};

INSTANTIATE_TEST_SUITE_P(
    Stores, EventStoreSuite,
    testing::Values(
        EventStoreSuiteParam{"in_memory", [] { return std::make_unique<InMemoryHarness>(); }},
        EventStoreSuiteParam{"sqlite", [] { return std::make_unique<SqliteHarness>(); }}),
    EventStoreSuiteName);

TEST(InMemoryEventStore, RefusesABatchThatWouldExceedItsLimit) {
  InMemoryEventStore store({.max_events = 3});
  ASSERT_TRUE(store.Insert(NumberedEvents(1, 2)).has_value());
  const auto refused = store.Insert(NumberedEvents(3, 2));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_EQ(store.List({}).value().events.size(), 2U);
}

class SqliteEventStoreTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "events.db";
};

TEST_F(SqliteEventStoreTest, EventsSurviveAReopening) {
  ASSERT_TRUE(
      SqliteEventStore::Create({.path = path_}).value()->Insert(NumberedEvents(1, 50)).has_value());
  const auto store = SqliteEventStore::Create({.path = path_, .check_integrity = true}).value();
  EXPECT_EQ(store->Get(NumberedUuid(42)).value(), NumberedEvent(42));
}

TEST_F(SqliteEventStoreTest, WhatWaitsSurvivesAReopening) {
  const std::vector<LaterRule> rules = {{NumberedUuid(1), EventTime(1), "late"}};
  ASSERT_EQ(SqliteEventStore::Create({.path = path_}).value()->AddRules(rules).value(), 1U);
  const auto store = SqliteEventStore::Create({.path = path_}).value();
  ASSERT_TRUE(store->Insert(NumberedEvents(1, 1)).has_value());
  EXPECT_THAT(store->Get(NumberedUuid(1)).value()->rule_ids, ElementsAre("late"));
}

TEST_F(SqliteEventStoreTest, OneStoreAtATimeOwnsTheFile) {
  const auto first = SqliteEventStore::Create({.path = path_}).value();
  const auto second = SqliteEventStore::Create({.path = path_});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), StatusCode::kFailedPrecondition);
}

TEST_F(SqliteEventStoreTest, ADeletedFileTakesNoEvents) {
  const auto store = SqliteEventStore::Create({.path = path_}).value();
  std::filesystem::remove(path_);
  const auto results = store->Insert(NumberedEvents(1, 1));
  ASSERT_FALSE(results.has_value());
  EXPECT_EQ(results.error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(store->Ping().code(), StatusCode::kUnavailable);
}

TEST_F(SqliteEventStoreTest, AFullFileRefusesTheBatchAndKeepsWhatItHas) {
  const auto store =
      SqliteEventStore::Create({.path = path_, .max_bytes = std::uint64_t{256} << 10U}).value();
  ASSERT_TRUE(store->Insert(NumberedEvents(1, 10)).has_value());
  const auto full = store->Insert(NumberedEvents(11, 5000));
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(store->List({.limit = 1000}).value().events.size(), 10U);
  // Dropping makes room in the file.
  ASSERT_TRUE(store->DropBefore(EventTime(0) + std::chrono::hours(48)).ok());
  EXPECT_TRUE(store->Insert(NumberedEvents(11, 10)).has_value());
}

TEST_F(SqliteEventStoreTest, DropsMoreThanOneTransactionTakes) {
  const auto store = SqliteEventStore::Create({.path = path_}).value();
  ASSERT_TRUE(store->Insert(NumberedEvents(1, 4100)).has_value());
  ASSERT_TRUE(store->DropBefore(EventTime(0) + std::chrono::hours(24)).ok());
  EXPECT_TRUE(store->List({}).value().events.empty());
}

TEST_F(SqliteEventStoreTest, APathIsCheckedWithoutMakingAFile) {
  EXPECT_TRUE(CheckSqlitePath(path_).ok());
  EXPECT_TRUE(CheckSqlitePath("events.db").ok());  // in the working folder
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  EXPECT_EQ(CheckSqlitePath(folder_.path() / "none" / "events.db").code(),
            StatusCode::kFailedPrecondition);
  EXPECT_THAT(CheckSqlitePath(folder_.path()).message(), HasSubstr("is no file"));
  ASSERT_TRUE(SqliteEventStore::Create({.path = path_}).has_value());
  EXPECT_TRUE(CheckSqlitePath(path_).ok());
}

ArchivedEvent Archive(std::string_view json, std::vector<std::string> rule_ids = {}) {
  const event::Event event = event::EventParser().Parse(json).value();
  return MakeArchivedEvent(event, event::IdentityOf(event), EventTime(0), std::move(rule_ids));
}

TEST(MakeArchivedEvent, TakesTheContractsFields) {
  const std::string raw =
      R"( {"event_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","timestamp":"2026-11-20T18:55:54.352392Z",)"
      R"("source_service":"gen","server_hostname":"prod-db-02","event_type":"user_login",)"
      R"("severity":"WARNING","user_id":"app_user","action_result":"FAILURE","details":{}} )";
  const ArchivedEvent event = Archive(raw, {"a", "b", "a"});
  EXPECT_EQ(event.event_id.ToString(), "f00eadcb-3032-4e3f-a35c-badd7cf705cd");
  EXPECT_EQ(event.timestamp.ToString(), "2026-11-20T18:55:54.352392Z");
  EXPECT_TRUE(event.has_time);
  EXPECT_EQ(event.received_at, EventTime(0));
  EXPECT_EQ(event.source_service, "gen");
  EXPECT_EQ(event.server_hostname, "prod-db-02");
  EXPECT_EQ(event.event_type, "user_login");
  EXPECT_EQ(event.severity, "WARNING");
  EXPECT_EQ(event.user_id, "app_user");
  EXPECT_EQ(event.action_result, "FAILURE");
  EXPECT_THAT(event.rule_ids, ElementsAre("a", "b"));
  EXPECT_EQ(event.raw, raw);
}

TEST(MakeArchivedEvent, ReadsOtherSchemas) {
  const ArchivedEvent windows =
      Archive(R"({"EventID":4625,"Computer":"DC1","TargetUserName":"bob","Channel":"Security"})");
  EXPECT_EQ(windows.event_type, "4625");
  EXPECT_EQ(windows.server_hostname, "DC1");
  EXPECT_EQ(windows.user_id, "bob");
  EXPECT_EQ(windows.source_service, "Security");
  const ArchivedEvent ecs = Archive(
      R"({"host":{"name":"h"},"user":{"name":"u"},"event":{"action":"a","outcome":"failure"}})");
  EXPECT_EQ(ecs.server_hostname, "h");
  EXPECT_EQ(ecs.user_id, "u");
  EXPECT_EQ(ecs.event_type, "a");
  EXPECT_EQ(ecs.action_result, "failure");
}

TEST(MakeArchivedEvent, WhatIsMissingIsEmptyAndTheArrivalStandsInForTheTime) {
  const ArchivedEvent event = Archive(R"({"user_id":null,"severity":{},"event_type":""})");
  EXPECT_FALSE(event.has_time);
  EXPECT_EQ(event.timestamp, EventTime(0));
  EXPECT_EQ(event.user_id + event.severity + event.event_type, "");
  EXPECT_EQ(event.event_id, Archive(event.raw).event_id);
}

TEST(MakeArchivedEvent, NoValueKeepsAnEventOut) {
  std::string cut(kMaxArchivedText - 1, 'x');
  const ArchivedEvent event = Archive(
      R"({"user_id":"a\u0000b\u0000","event_type":")" + cut + "\xC3\xA9\"}", {"\xFF", "", "a\0b"});
  EXPECT_EQ(event.user_id,
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(event.event_type, cut);
  EXPECT_THAT(event.rule_ids, ElementsAre("\xEF\xBF\xBD", "a"));
  EXPECT_TRUE(Validate(event).ok());
  const ArchivedEvent nuls = Archive(R"({"user_id":")" + [] {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "\\u0000";
    return text;
  }() + "\"}");
  EXPECT_TRUE(Validate(nuls).ok());
  EXPECT_FALSE(nuls.user_id.empty());
}

TEST(MakeLaterRule, NoIdKeepsARuleOut) {
  EXPECT_EQ(MakeLaterRule(NumberedUuid(1), EventTime(1), "T-1"),
            (LaterRule{NumberedUuid(1), EventTime(1), "T-1"}));
  for (const std::string& id :
       {std::string("a\0b", 3), std::string("\xFF"), std::string(kMaxArchivedText + 1, 'x')}) {
    EXPECT_TRUE(Validate(MakeLaterRule(NumberedUuid(1), EventTime(1), id)).ok());
  }
}

TEST(EventFacet, NamesAreReadAgain) {
  for (int i = 0; i <= static_cast<int>(EventFacet::kRuleId); ++i) {
    const auto facet = static_cast<EventFacet>(i);
    EXPECT_EQ(ParseEventFacet(ToString(facet)).value(), facet);
  }
  EXPECT_THAT(ParseEventFacet("type").error().message(), HasSubstr("event_type"));
}

}  // namespace
}  // namespace auditflow::store
