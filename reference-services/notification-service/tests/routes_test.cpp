#include <string>

#include <gmock/gmock.h>

#include "auditflow/api/open_api.hpp"

#include "common/tests/assembled_service.hpp"
#include "embedded/openapi.hpp"
#include "notification-service/notification_service.hpp"

namespace auditflow::services {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class NotificationRoutes : public AssembledServiceTest<NotificationService> {
 protected:
  NotificationRoutes() : AssembledServiceTest("notification-service", kOpenApi) {
    EXPECT_EQ(Read(), "");
  }
};

TEST_F(NotificationRoutes, AreWhatTheOpenApiDocumentSays) {
  ASSERT_TRUE(Assemble().ok());
  EXPECT_THAT(api::CompareOpenApi(host_.router(), Get("/openapi.json").body), IsEmpty());
}

TEST_F(NotificationRoutes, HealthBearsTheContractsName) {
  ASSERT_TRUE(Assemble().ok());
  const http::Response health = Get("/healthz");
  EXPECT_EQ(health.status, 503);
  EXPECT_THAT(health.body, HasSubstr(R"("service":"notification-service-api")"));
  EXPECT_THAT(health.body, HasSubstr(R"("postgres":{)"));
  EXPECT_THAT(health.body, HasSubstr(R"("rabbitmq":{)"));
}

TEST_F(NotificationRoutes, DefaultsAreTheContracts) {
  const std::string settings = table_.Print();
  for (const char* const line :
       {"RABBITMQ_HOST=localhost", "RABBITMQ_PORT=5672", "RABBITMQ_ALERT_QUEUE=audit_alerts",
        "PG_HOST=localhost", "PG_PORT=5432", "PG_DB=postgres", "PG_USER=postgres"}) {
    EXPECT_THAT(settings, HasSubstr(line));
  }
}

}  // namespace
}  // namespace auditflow::services
