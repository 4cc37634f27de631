#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "auditflow/api/open_api.hpp"

#include "audit-log-analysis/analysis_service.hpp"
#include "common/tests/assembled_service.hpp"
#include "embedded/openapi.hpp"

namespace auditflow::services {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class AnalysisRoutes : public AssembledServiceTest<AnalysisService> {
 protected:
  AnalysisRoutes() : AssembledServiceTest("audit-log-analysis", kOpenApi) {}
  void Read(Variables settings = {}) {
    settings.try_emplace("RULES_DIR", AUDITFLOW_SOURCE_DIR "/sdk/rules");
    EXPECT_EQ(AssembledServiceTest::Read(settings), "");
  }
};

TEST_F(AnalysisRoutes, AreWhatTheOpenApiDocumentSays) {
  Read();
  ASSERT_TRUE(Assemble().ok());
  EXPECT_THAT(api::CompareOpenApi(host_.router(), Get("/openapi.json").body), IsEmpty());
}

TEST_F(AnalysisRoutes, WithoutAnArchiveThereAreNoEvents) {
  Read();
  ASSERT_TRUE(Assemble().ok());
  EXPECT_EQ(Get("/events").status, 404);
  EXPECT_EQ(Get("/stats").status, 404);
}

TEST_F(AnalysisRoutes, AnArchiveIsReadOverHttp) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "auditflow_analysis_routes";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  Read({{"ARCHIVE", "sqlite"}, {"ARCHIVE_PATH", (folder / "events.db").string()}});
  ASSERT_TRUE(Assemble().ok());
  EXPECT_EQ(Get("/events").body, R"({"events":[],"next_cursor":null})");
  EXPECT_EQ(Get("/stats").status, 200);
  EXPECT_THAT(api::CompareOpenApi(host_.router(), Get("/openapi.json").body), IsEmpty());
}

TEST_F(AnalysisRoutes, HealthHasTheContractsMembersBesideOurs) {
  Read();
  ASSERT_TRUE(Assemble().ok());
  const http::Response health = Get("/healthz");
  EXPECT_EQ(health.status, 503);
  for (const char* const member :
       {R"("status":"unhealthy")", R"("rabbitmq_connected":false)", R"("redis_connected":false)",
        R"("consumer_thread_alive":false)", R"("rabbitmq":{)", R"("redis":{)"}) {
    EXPECT_THAT(health.body, HasSubstr(member));
  }
}

TEST_F(AnalysisRoutes, ShowTheRulesOfTheFolder) {
  Read();
  ASSERT_TRUE(Assemble().ok());
  EXPECT_THAT(Get("/rules/ANLY-SEC-001").body, HasSubstr("Failed Login Burst Detection"));
  EXPECT_THAT(Get("/rules?kind=correlation").body, HasSubstr("ANLY-SEC-007"));
}

TEST_F(AnalysisRoutes, AFolderWithoutRulesIsABadConfiguration) {
  Read({{"RULES_DIR", "/nonexistent"}});
  EXPECT_THAT(Assemble().message(), HasSubstr("RULES_DIR"));
}

TEST_F(AnalysisRoutes, TheMetricsOfTheContractAreThere) {
  Read();
  ASSERT_TRUE(Assemble().ok());
  const std::string metrics = Get("/metrics").body;
  for (const char* const name :
       {"audit_analysis_processed_total", "audit_analysis_rabbitmq_messages_consumed_total",
        "audit_analysis_rabbitmq_consumer_connection_status",
        "audit_analysis_redis_connection_status"}) {
    EXPECT_THAT(metrics, HasSubstr(name));
  }
}

TEST_F(AnalysisRoutes, DefaultsAreTheContracts) {
  Read();
  const std::string settings = table_.Print();
  for (const char* const line :
       {"RABBITMQ_HOST=rabbitmq-service", "RABBITMQ_PORT=5672", "RABBITMQ_QUEUE=audit_events",
        "RABBITMQ_ALERT_QUEUE=audit_alerts", "REDIS_HOST=redis-service", "REDIS_PORT=6379",
        "ALERT_REPEAT=rules", "ARCHIVE=off", "STATE_STORE=redis"}) {
    EXPECT_THAT(settings, HasSubstr(line));
  }
}

}  // namespace
}  // namespace auditflow::services
