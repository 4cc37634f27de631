#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/api/rules.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr std::string_view kRules = R"(
title: Table dropped
id: 6f0b1c1e-0000-4000-8000-000000000001
status: stable
description: A table "went" away.
references: [https://example.org/a]
tags: [attack.impact]
logsource: {product: test, service: db}
detection:
  selection: {action: drop}
  condition: selection
level: high
auditflow: {rule_id: T-1}
---
title: Failure
name: failure
logsource: {product: test}
detection:
  selection: {action: fail}
  condition: selection
---
title: Many failures
correlation:
  type: event_count
  rules: [failure]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 3}
level: critical
tags: [attack.impact]
auditflow: {rule_id: T-2}
)";

class RuleRoutesTest : public testing::Test {
 protected:
  RuleRoutesTest() {
    AddRuleRoutes(router_,
                  {[this] { return package_; },
                   [] {
                     return std::vector<observe::RuleNumbers>{{"T-1", 7}, {"T-1", 1}, {"T-2", 2}};
                   }},
                  {.default_limit = 100, .max_limit = 2});
  }

  http::Response Get(const std::string& target) {
    http::Request request = http::Request::Make("GET", target).value();
    return router_.Dispatch(request).response;
  }

  std::vector<std::string> Ids(const std::string& target) {
    const http::Response response = Get(target);
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<std::string> ids;
    const json list = json::parse(response.body);
    for (const json& rule : list["rules"]) ids.push_back(rule["id"]);
    return ids;
  }

  std::shared_ptr<const pipeline::RulePackage> package_ =
      pipeline::BuildRulePackage(sigma::LoadText(kRules, "dir/test.yml"));
  http::Router router_;
};

TEST_F(RuleRoutesTest, AListOfTheRulesInUse) {
  const json list = json::parse(Get("/rules").body);
  EXPECT_EQ(list["total"], 3);
  EXPECT_EQ(list["rules"][0], json::parse(R"({
    "id":"T-1","sigma_id":"6f0b1c1e-0000-4000-8000-000000000001","name":"Table dropped",
    "title":"Table dropped","kind":"detection","level":"high","status":"stable",
    "tags":["attack.impact"],"logsource":{"product":"test","service":"db"},
    "makes_alerts":true,"file":"dir/test.yml","line":2,"matches":8})"));
  EXPECT_EQ(list["rules"][1]["makes_alerts"], false);
  EXPECT_EQ(list["rules"][1]["matches"], 0);
  EXPECT_EQ(list["rules"][1]["level"], "medium");
}

TEST_F(RuleRoutesTest, LimitsAreCappedAndOffsetsGoOn) {
  EXPECT_THAT(Ids("/rules?limit=9"), ElementsAre("T-1", "failure"));
  EXPECT_THAT(Ids("/rules?limit=1&offset=2"), ElementsAre("T-2"));
  EXPECT_THAT(Ids("/rules?offset=9"), ElementsAre());
}

TEST_F(RuleRoutesTest, Filters) {
  EXPECT_THAT(Ids("/rules?kind=correlation"), ElementsAre("T-2"));
  EXPECT_THAT(Ids("/rules?level=high"), ElementsAre("T-1"));
  EXPECT_THAT(Ids("/rules?tag=attack.impact&kind=detection"), ElementsAre("T-1"));
  EXPECT_THAT(Ids("/rules?q=FAIL"), ElementsAre("failure", "T-2"));
}

TEST_F(RuleRoutesTest, BadParametersAreNamed) {
  for (const char* parameter : {"limit=0", "limit=x", "offset=-1", "kind=a", "level=highest",
                                "limit=99999999999", "offset="}) {
    const http::Response response = Get(std::string("/rules?") + parameter);
    EXPECT_EQ(response.status, 400) << parameter;
    const std::string name(parameter, std::string(parameter).find('='));
    EXPECT_THAT(response.body, testing::HasSubstr(name + ": "));
  }
}

TEST_F(RuleRoutesTest, OneRuleInFullByAnyOfItsNames) {
  const json rule = json::parse(Get("/rules/T-1").body);
  EXPECT_EQ(rule["description"], "A table \"went\" away.");
  EXPECT_EQ(rule["references"][0], "https://example.org/a");
  EXPECT_EQ(rule["severity"], "HIGH");
  EXPECT_EQ(json::parse(Get("/rules/6f0b1c1e-0000-4000-8000-000000000001").body), rule);
  EXPECT_EQ(json::parse(Get("/rules/failure").body)["title"], "Failure");
  EXPECT_EQ(Get("/rules/unknown").status, 404);
}

TEST_F(RuleRoutesTest, ACorrelationSaysWhatItCounts) {
  const json rule = json::parse(Get("/rules/T-2").body);
  EXPECT_EQ(rule["correlation"], json::parse(R"({"type":"event_count","timespan_seconds":60,
    "group_by":["user_id"],"rules":["failure"]})"));
}

TEST_F(RuleRoutesTest, ShowsWhatIsInUseNow) {
  package_ = pipeline::BuildRulePackage(sigma::LoadText("", "empty.yml"));
  EXPECT_EQ(Get("/rules").body, R"({"total":0,"rules":[]})");
  EXPECT_EQ(Get("/rules/T-1").status, 404);
}

}  // namespace
}  // namespace auditflow::api
