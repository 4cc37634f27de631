#include <string>

#include <gmock/gmock.h>

#include "auditflow/api/open_api.hpp"
#include "auditflow/service/application.hpp"

#include "embedded/openapi.hpp"
#include "notification-service/notification_service.hpp"

namespace auditflow::services {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

service::ProgramInfo Info() {
  service::ProgramInfo info;
  info.name = "notification-service";
  info.version = "0";
  info.open_api = kOpenApi;
  return info;
}

service::HostOptions Options() {
  service::HostOptions options;
  options.service_name = "notification-service";
  return options;
}

/// Built and not started: nothing is connected.
class NotificationRoutes : public testing::Test {
 protected:
  NotificationRoutes() {
    application_.AddSettings(table_);
    EXPECT_THAT(table_.Read([](std::string_view) { return std::nullopt; }), IsEmpty());
  }
  http::Response Get(std::string_view target) {
    http::Request request = http::Request::Make("GET", target).value();
    return host_.router().Dispatch(request).response;
  }

  service::Host host_{Options()};
  NotificationService application_;
  config::SettingTable table_;
};

TEST_F(NotificationRoutes, AreWhatTheOpenApiDocumentSays) {
  ASSERT_TRUE(service::Assemble(host_, Info(), application_).ok());
  EXPECT_THAT(api::CompareOpenApi(host_.router(), Get("/openapi.json").body), IsEmpty());
}

TEST_F(NotificationRoutes, HealthBearsTheContractsName) {
  ASSERT_TRUE(service::Assemble(host_, Info(), application_).ok());
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
