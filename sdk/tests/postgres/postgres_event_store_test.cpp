#include "auditflow/postgres/postgres_event_store.hpp"

#include <algorithm>

#include "tests/postgres/postgres_server.hpp"
#include "tests/store/event_store_suite.hpp"

namespace auditflow {
namespace postgres {
namespace {

class PostgresEventHarness final : public store::EventStoreHarness {
 public:
  store::EventStore& store() override { return *store_; }

 private:
  std::unique_ptr<PostgresEventStore> store_ =
      PostgresEventStore::Create({.connection = SharedServer()->NewDatabase()}, clock).value();
};

std::unique_ptr<store::EventStoreHarness> MakeHarness() {
  if (PostgresServer::IsMissing()) return nullptr;
  EXPECT_NE(SharedServer(), nullptr);
  return std::make_unique<PostgresEventHarness>();
}

}  // namespace
}  // namespace postgres

namespace store {

INSTANTIATE_TEST_SUITE_P(Server, EventStoreSuite,
                         testing::Values(EventStoreSuiteParam{"postgres", postgres::MakeHarness}),
                         EventStoreSuiteName);

}  // namespace store
}  // namespace auditflow
