#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/api/open_api.hpp"
#include "auditflow/service/application.hpp"

#include "src/service/command_line.hpp"

namespace auditflow::service {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr ProgramInfo kInfo{
    .name = "thing-service",
    .summary = "Keeps things.",
    .version = "1.2.3",
    .open_api = R"({"openapi":"3.1.0","info":{},"paths":{"/things":{"get":{"responses":{},
        "security":[{"bearerToken":["things:read"]}]}}}})",
    .default_port = 8000,
    .default_metrics_port = 9000,
    .host_variable = "API_HOST",
    .port_variable = "API_PORT",
    .default_address = "127.0.0.1"};

class Things final : public Application {
 public:
  explicit Things(Status built = {}) : built_(std::move(built)) {}
  void AddSettings(config::SettingTable& /*table*/) override {}
  Status Build(Host& host) override {
    host.SetHealthMembers([] { return api::HealthMembers{{"thing_connected", true}}; });
    host.AddProbe({"thing", [] { return Unavailable("gone"); }});
    host.router().Get(
        "/things", [](const http::Request&) { return http::Response::Json(200, "[]"); },
        "things:read");
    return built_;
  }
  void Start() override {}
  Status Stop(Duration /*deadline*/) override { return {}; }

 private:
  Status built_;
};

http::Response Get(Host& host, std::string_view target) {
  http::Request request = http::Request::Make("GET", target).value();
  return host.router().Dispatch(request).response;
}

TEST(Assembly, HasTheRoutesOfTheDocumentAndNoOthers) {
  HostOptions options;
  options.service_name = "things";
  Host host(options);
  Things things;
  ASSERT_TRUE(Assemble(host, kInfo, things).ok());
  EXPECT_THAT(api::CompareOpenApi(host.router(), kInfo.open_api), IsEmpty());
  EXPECT_EQ(Get(host, "/things").body, "[]");
  EXPECT_THAT(Get(host, "/openapi.json").body, HasSubstr("1.2.3"));
  const http::Response health = Get(host, "/healthz");
  EXPECT_EQ(health.status, 503);
  EXPECT_THAT(health.body, HasSubstr(R"("service":"things","thing_connected":true)"));
  EXPECT_THAT(health.body, HasSubstr(R"("reason":"gone")"));
}

TEST(Assembly, TellsWhatTheApplicationRefuses) {
  Host host({});
  Things things(InvalidArgument("THING: is missing"));
  EXPECT_EQ(Assemble(host, kInfo, things).message(), "THING: is missing");
  ProgramInfo broken = kInfo;
  broken.open_api = "{";
  EXPECT_FALSE(Assemble(host, broken, things).ok());
}

class PartOfHost final : public Application {
 public:
  explicit PartOfHost(std::vector<std::string>& components) : components_(components) {}
  ~PartOfHost() override {
    for (const auto& component : part_->health->Snapshot()) components_.push_back(component.name);
  }
  void AddSettings(config::SettingTable& /*table*/) override {}
  Status Build(Host& host) override {
    host.health().Register("part");
    part_ = std::make_unique<Part>(Part{&host.health()});
    return {};
  }
  void Start() override {}
  Status Stop(Duration /*deadline*/) override { return {}; }

 private:
  struct Part {
    observe::HealthRegistry* health;
  };
  std::vector<std::string>& components_;
  std::unique_ptr<Part> part_;
};

TEST(Assembly, TheHostOutlivesThePartsOfTheApplication) {
  std::vector<std::string> components;
  std::weak_ptr<Host> host;
  {
    PartOfHost application(components);
    host = MakeHost({}, application);
    ASSERT_TRUE(Assemble(*host.lock(), kInfo, application).ok());
  }
  EXPECT_EQ(components, std::vector<std::string>{"part"});
  EXPECT_TRUE(host.expired());
}

TEST(HostSettings, TakeNamesAndDefaultsFromTheProgram) {
  HostOptions options;
  config::SettingTable table;
  AddHostSettings(table, kInfo, options);
  const auto nothing = [](std::string_view) { return std::optional<std::string>(); };
  EXPECT_THAT(table.Read(nothing), IsEmpty());
  EXPECT_EQ(options.service_name, "thing-service");
  EXPECT_EQ(options.address, "127.0.0.1");
  EXPECT_EQ(options.port, 8000);
  EXPECT_EQ(options.metrics_port, 9000);
  const auto port = [](std::string_view name) -> std::optional<std::string> {
    if (name != "API_PORT") return std::nullopt;
    return "9000";
  };
  const auto problems = table.Read(port);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].setting, "PROMETHEUS_PORT");
}

TEST(Host, RemembersAFailureForWhoeverAsksLater) {
  Host host({});
  host.Fail(Internal("first"));
  host.Fail(Internal("second"));
  std::vector<std::string> told;
  host.OnFailure([&](const Status& why) { told.push_back(why.message()); });
  host.Fail(Internal("third"));
  EXPECT_EQ(told, (std::vector<std::string>{"first"}));
}

TEST(CommandLine, KnowsItsOptions) {
  struct Case {
    std::vector<std::string> arguments;
    std::optional<Task> task;
    std::string file;
  };
  std::vector<Case> cases = {{{}, Task::kRun, ""},
                             {{"-h"}, Task::kHelp, ""},
                             {{"--config", "f", "--check-config"}, Task::kCheckConfig, "f"},
                             {{"--config=f=g"}, Task::kRun, "f=g"},
                             {{"--config"}, std::nullopt, ""},
                             {{"--configuration"}, std::nullopt, ""},
                             {{"--openapi", "--openapi"}, std::nullopt, ""},
                             {{""}, std::nullopt, ""}};
  for (Case& c : cases) {
    std::vector<char*> arguments;
    for (std::string& argument : c.arguments) arguments.push_back(argument.data());
    const Result<CommandLine> line = ParseCommandLine(arguments);
    ASSERT_EQ(line.has_value(), c.task.has_value());
    if (!line) continue;
    EXPECT_EQ(line->task, *c.task);
    EXPECT_EQ(line->config_file, c.file);
  }
}

}  // namespace
}  // namespace auditflow::service
