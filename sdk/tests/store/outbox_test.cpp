#include "auditflow/store/outbox.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auditflow/store/in_memory_alert_store.hpp"
#include "auditflow/store/sqlite_alert_store.hpp"

#include "src/store/sqlite_connection.hpp"
#include "tests/store/outbox_suite.hpp"
#include "tests/store/temporary_folder.hpp"

namespace auditflow::store {
namespace {

class InMemoryHarness final : public OutboxHarness {
 public:
  void Open(const std::vector<OutboxTarget>& targets) override {
    store_ = std::make_unique<InMemoryAlertStore>(
        InMemoryAlertStoreOptions{.outbox_targets = targets}, clock);
  }
  AlertStore& store() override { return *store_; }
  Outbox& outbox() override { return store_->outbox(); }

 private:
  std::unique_ptr<InMemoryAlertStore> store_;
};

class SqliteHarness final : public OutboxHarness {
 public:
  void Open(const std::vector<OutboxTarget>& targets) override {
    store_ = SqliteAlertStore::Create(
                 {.path = folder_.path() / "alerts.db", .outbox_targets = targets}, clock)
                 .value();
  }
  AlertStore& store() override { return *store_; }
  Outbox& outbox() override { return store_->outbox(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteAlertStore> store_;
};

INSTANTIATE_TEST_SUITE_P(
    Stores, OutboxSuite,
    testing::Values(OutboxSuiteParam{"in_memory",
                                     [] { return std::make_unique<InMemoryHarness>(); }},
                    OutboxSuiteParam{"sqlite", [] { return std::make_unique<SqliteHarness>(); }}),
    OutboxSuiteName);

TEST(OutboxTarget, TakesWhatIsSevereEnough) {
  struct Case {
    const char* minimum;
    const char* severity;
    bool takes;
  };
  for (const Case& c : {Case{"", "INFO", true}, Case{"WARNING", "INFO", false},
                        Case{"WARNING", "warning", true}, Case{"WARNING", "MEDIUM", true},
                        Case{"warning", "CRITICAL", true}, Case{"CRITICAL", "HIGH", false},
                        Case{"CRITICAL", "", true}, Case{"CRITICAL", "unheard-of", true}}) {
    alert::Alert alert = NumberedAlert(1);
    alert.severity = c.severity;
    EXPECT_EQ(Takes({.channel = "a", .min_severity = c.minimum}, alert), c.takes)
        << c.minimum << " " << c.severity;
  }
}

TEST(OutboxTarget, TakesWhatItsListsName) {
  const alert::Alert alert = NumberedAlert(1);
  const std::string rule = alert.analysis_rule.rule_id;
  EXPECT_TRUE(Takes({.channel = "a", .rule_ids = {"x", rule}}, alert));
  EXPECT_FALSE(Takes({.channel = "a", .rule_ids = {"x"}}, alert));
  EXPECT_TRUE(Takes({.channel = "a", .alert_types = {alert.alert_type}}, alert));
  EXPECT_FALSE(Takes({.channel = "a", .rule_ids = {rule}, .alert_types = {"x"}}, alert));
}

TEST(OutboxTarget, NamesWhatIsWrong) {
  const auto error = [](const std::vector<OutboxTarget>& targets) {
    return Validate(targets).message();
  };
  EXPECT_EQ(error({{.channel = "slack-1_a", .min_severity = "High"}}), "");
  for (const std::string& name : {std::string(), std::string("Slack"), std::string("a b"),
                                  std::string("1a"), std::string(65, 'a'), std::string("a\r\n")}) {
    EXPECT_THAT(error({{.channel = name}}), testing::StartsWith("channel: must have"));
  }
  EXPECT_EQ(error({{.channel = "a"}, {.channel = "a"}}), "channel: there are two with the name a");
  EXPECT_THAT(error({{.channel = "a", .min_severity = "loud"}}),
              testing::StartsWith("min_severity: "));
  TemporaryFolder folder;
  const auto store = SqliteAlertStore::Create(
      {.path = folder.path() / "a.db", .outbox_targets = {{.channel = "A"}}});
  ASSERT_FALSE(store.has_value());
  EXPECT_THAT(store.error().message(), testing::StartsWith("outbox_targets: channel: "));
}

TEST(OutboxTarget, KeysDifferByAlertAndChannel) {
  EXPECT_EQ(IdempotencyKey(NumberedUuid(1), "a"), IdempotencyKey(NumberedUuid(1), "a"));
  EXPECT_NE(IdempotencyKey(NumberedUuid(1), "a"), IdempotencyKey(NumberedUuid(1), "b"));
  EXPECT_NE(IdempotencyKey(NumberedUuid(1), "a"), IdempotencyKey(NumberedUuid(2), "a"));
}

class SqliteOutboxTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteAlertStore> Open(const std::vector<OutboxTarget>& targets) {
    return SqliteAlertStore::Create({.path = path_, .outbox_targets = targets}, clock_).value();
  }

  TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "alerts.db";
  ManualClock clock_{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
};

TEST_F(SqliteOutboxTest, EntriesOutliveTheProgramAndTheTarget) {
  Open({{.channel = "hook"}})->Insert(NumberedAlerts(1, 3)).value();
  const auto store = Open({});
  EXPECT_EQ(store->outbox().Claim({"hook", 10, std::chrono::minutes(1)}).value().size(), 3U);
}

TEST_F(SqliteOutboxTest, AnEntryWithoutItsAlertIsDropped) {
  const auto store = Open({{.channel = "hook"}});
  store->Insert(NumberedAlerts(1, 2)).value();
  auto other = SqliteConnection::Open(path_, std::chrono::seconds(5)).value();
  ASSERT_TRUE(
      other.Execute("DELETE FROM alerts WHERE alert_id = '" + NumberedUuid(1).ToString() + "'")
          .ok());
  const auto claimed = store->outbox().Claim({"hook", 10, std::chrono::minutes(1)}).value();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].alert.alert_id, NumberedUuid(2));
  EXPECT_EQ(store->outbox().Numbers().value().at(0).pending, 1U);
}

/// Kills itself, as by `kill -9`, between the steps of a notification.
void DieAfter(const std::filesystem::path& path, Clock& clock, bool claimed) {
  const auto store =
      SqliteAlertStore::Create({.path = path, .outbox_targets = {{.channel = "hook"}}}, clock)
          .value();
  (void)store->Insert(NumberedAlerts(1, 1));
  if (claimed) (void)store->outbox().Claim({"hook", 1, std::chrono::minutes(1)});
  ::kill(::getpid(), SIGKILL);
}

TEST_F(SqliteOutboxTest, AKillBetweenCommitAndDeliveryLosesNothing) {
  for (const bool claimed : {false, true}) {
    const pid_t child = ::fork();
    if (child == 0) DieAfter(path_, clock_, claimed);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  const auto store = Open({{.channel = "hook"}});
  const ClaimRequest request{"hook", 10, std::chrono::minutes(1)};
  EXPECT_THAT(store->outbox().Claim(request).value(), testing::IsEmpty());
  clock_.Advance(std::chrono::minutes(1));
  const auto claimed = store->outbox().Claim(request).value();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].attempts, 2U);
  EXPECT_EQ(claimed[0].idempotency_key, IdempotencyKey(NumberedUuid(1), "hook"));
}

}  // namespace
}  // namespace auditflow::store
