#include "event-audit-dashboard/dashboard.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/api/open_api.hpp"

#include "embedded/openapi.hpp"

namespace auditflow::dashboard {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

std::vector<config::SettingProblem> Read(const Variables& variables) {
  Dashboard dashboard;
  config::SettingTable table;
  dashboard.AddSettings(table);
  return table.Read([&variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

/// A dashboard that is assembled and not started: nothing is asked of any network.
class DashboardTest : public testing::Test {
 protected:
  http::Response Get(std::string_view target) {
    http::Request request = http::Request::Make("GET", target).value();
    return host.router().Dispatch(request).response;
  }

  const service::ProgramInfo info = Info(kOpenApi);
  Dashboard dashboard;
  service::Host host{[] {
    service::HostOptions options;
    options.service_name = "event-audit-dashboard";
    return options;
  }()};
};

TEST(DashboardSettings, DefaultsAreThoseOfTheContract) {
  EXPECT_TRUE(Read({}).empty());
  const service::ProgramInfo info = Info(kOpenApi);
  EXPECT_EQ(info.name, "event-audit-dashboard");
  EXPECT_EQ(info.default_port, 8080);
  EXPECT_EQ(info.port_variable, "APP_PORT");
}

TEST(DashboardSettings, NamesTheSettingThatCannotWork) {
  const std::vector<Variables> wrong = {
      {{"NOTIFICATION_SERVICE_PORT", "0"}},
      {{"NOTIFICATION_SERVICE_PORT", "tcp://10.0.0.7"}},
      {{"NOTIFICATION_SERVICE_HOST", "two words"}},
      {{"NOTIFICATION_SERVICE_TOKEN", "a b"}},
      {{"NOTIFICATION_SERVICE_TIMEOUT", "31s"}},
      {{"NOTIFICATION_SERVICE_MAX_ANSWER_BYTES", "1000"}},
      {{"ALERTS_PER_PAGE", "0"}},
      {{"REFRESH_INTERVAL", "-1"}},
  };
  for (const Variables& variables : wrong) {
    const std::vector<config::SettingProblem> problems = Read(variables);
    ASSERT_EQ(problems.size(), 1) << variables.begin()->first;
    EXPECT_EQ(problems[0].setting, variables.begin()->first);
    EXPECT_EQ(problems[0].ToString().find("a b"), std::string::npos);
  }
}

TEST_F(DashboardTest, RoutesAreThoseOfItsDocument) {
  ASSERT_TRUE(service::Assemble(host, info, dashboard).ok());
  const Result<std::string> document = api::CompleteOpenApi(kOpenApi, info.version);
  ASSERT_TRUE(document) << document.error().message();
  EXPECT_EQ(api::CompareOpenApi(host.router(), *document), std::vector<std::string>());
}

TEST_F(DashboardTest, IsHealthyBeforeItHasAskedAnybody) {
  ASSERT_TRUE(service::Assemble(host, info, dashboard).ok());
  const http::Response health = Get("/healthz");
  EXPECT_EQ(health.status, 200);
  EXPECT_NE(health.body.find(R"("service":"event-audit-dashboard")"), std::string::npos);
  EXPECT_NE(health.body.find(R"("status":"healthy")"), std::string::npos);
  EXPECT_NE(health.body.find(R"("notification_service":{"up":false,"critical":false)"),
            std::string::npos)
      << health.body;
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_NE(Get("/metrics").body.find("event_audit_dashboard_notification_connection_status 0"),
            std::string::npos);
}

TEST_F(DashboardTest, StopsWhetherItWasStartedOrNot) {
  EXPECT_TRUE(dashboard.Stop(std::chrono::seconds(1)).ok());
  ASSERT_TRUE(service::Assemble(host, info, dashboard).ok());
  EXPECT_TRUE(dashboard.Stop(std::chrono::seconds(1)).ok());
}

}  // namespace
}  // namespace auditflow::dashboard
