#include "auditflow/postgres/postgres_alert_store.hpp"

#include "tests/postgres/postgres_server.hpp"
#include "tests/store/alert_store_suite.hpp"

namespace auditflow {
namespace postgres {
namespace {

class PostgresHarness final : public store::AlertStoreHarness {
 public:
  store::AlertStore& store() override { return *store_; }

 private:
  std::unique_ptr<PostgresAlertStore> store_ =
      PostgresAlertStore::Create(SharedServer()->NewDatabase(), clock).value();
};

std::unique_ptr<store::AlertStoreHarness> MakeHarness() {
  if (PostgresServer::IsMissing()) return nullptr;
  EXPECT_NE(SharedServer(), nullptr);
  return std::make_unique<PostgresHarness>();
}

}  // namespace
}  // namespace postgres

namespace store {

INSTANTIATE_TEST_SUITE_P(Server, AlertStoreSuite,
                         testing::Values(AlertStoreSuiteParam{"postgres", postgres::MakeHarness}),
                         AlertStoreSuiteName);

}  // namespace store
}  // namespace auditflow
