#pragma once

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/postgres/postgres_alert_store.hpp"

#include "tests/postgres/postgres_server.hpp"

namespace auditflow::postgres {

/// A test with an empty database of the program's own server.
class SharedServerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::IsMissing()) GTEST_SKIP() << "PostgreSQL is missing here";
    ASSERT_NE(SharedServer(), nullptr);
    options_ = SharedServer()->NewDatabase();
  }
  [[nodiscard]] std::unique_ptr<PostgresAlertStore> Open(Clock& clock = SystemClock()) const {
    return PostgresAlertStore::Create(options_, clock).value();
  }
  std::string Sql(const std::string& sql) { return RunSql(options_, sql); }

  PostgresOptions options_;
};

/// A test with a server of its own, which it may stop.
class OwnServerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::IsMissing()) GTEST_SKIP() << "PostgreSQL is missing here";
    server_ = PostgresServer::Start();
    ASSERT_NE(server_, nullptr);
    options_ = server_->Options();
    options_.reconnect.max = std::chrono::milliseconds(100);
  }
  [[nodiscard]] std::unique_ptr<PostgresAlertStore> Open() const {
    return PostgresAlertStore::Create(options_).value();
  }
  /// Asks until the store answers again. @return false if it does not within a long time.
  static bool Recovers(PostgresAlertStore& store) {
    for (int i = 0; i < 2000; ++i) {
      if (store.Ping().ok()) return true;
      SystemClock().SleepFor(std::chrono::milliseconds(10), {});
    }
    return false;
  }

  std::unique_ptr<PostgresServer> server_;
  PostgresOptions options_;
};

}  // namespace auditflow::postgres
