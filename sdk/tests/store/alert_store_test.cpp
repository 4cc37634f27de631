#include <filesystem>

#include "auditflow/store/in_memory_alert_store.hpp"
#include "auditflow/store/sqlite_alert_store.hpp"

#include "tests/store/alert_store_suite.hpp"
#include "tests/store/temporary_folder.hpp"

namespace auditflow::store {
namespace {

class InMemoryHarness final : public AlertStoreHarness {
 public:
  AlertStore& store() override { return store_; }

 private:
  InMemoryAlertStore store_{{}, clock};
};

class SqliteHarness final : public AlertStoreHarness {
 public:
  AlertStore& store() override { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteAlertStore> store_ =
      SqliteAlertStore::Create({.path = folder_.path() / "alerts.db"}, clock).value();
};

INSTANTIATE_TEST_SUITE_P(
    Stores, AlertStoreSuite,
    testing::Values(
        AlertStoreSuiteParam{"in_memory", [] { return std::make_unique<InMemoryHarness>(); }},
        AlertStoreSuiteParam{"sqlite", [] { return std::make_unique<SqliteHarness>(); }}),
    AlertStoreSuiteName);

TEST(InMemoryAlertStore, RefusesABatchThatWouldExceedItsLimit) {
  InMemoryAlertStore store({.max_alerts = 3});
  ASSERT_TRUE(store.Insert(NumberedAlerts(1, 2)).has_value());
  const auto refused = store.Insert(NumberedAlerts(3, 2));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_EQ(store.Count({}).value(), 2U);
}

}  // namespace
}  // namespace auditflow::store
