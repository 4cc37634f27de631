#include "auditflow/api/open_api.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/api/operations.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::api {
namespace {

using Json = nlohmann::json;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kDocument = R"({
  "openapi": "3.1.0",
  "info": {"title": "T"},
  "paths": {
    "/things/{id}": {
      "parameters": [],
      "get": {"responses": {"200": {"description": "it"}, "503": {"description": "own"}}},
      "put": {"security": [{"bearerToken": ["things:write"]}], "requestBody": {},
              "responses": {"200": {"description": "it"}}}
    },
    "/livez": {"get": {"operationId": "own", "responses": {}}}
  }
})";

http::Response Nothing(const http::Request& /*request*/) { return {}; }

class OpenApi : public testing::Test {
 protected:
  OpenApi() {
    AddHealthRoute(router_, health_);
    AddLivenessRoutes(router_, health_);
    AddMetricsRoute(router_, metrics_);
    AddLogLevelRoute(router_);
    AddOpenApiRoute(router_, "{}");
  }

  observe::HealthRegistry health_;
  observe::Metrics metrics_;
  http::Router router_;
};

TEST_F(OpenApi, CompletesWhatTheDocumentDoesNotSay) {
  const Json json = Json::parse(CompleteOpenApi(kDocument, "1.2.3").value());
  EXPECT_EQ(json["info"]["version"], "1.2.3");
  EXPECT_EQ(json["info"]["title"], "T");
  EXPECT_EQ(json["paths"]["/livez"]["get"]["operationId"], "own");
  EXPECT_TRUE(json["paths"].contains("/metrics"));
  EXPECT_TRUE(json["components"]["schemas"].contains("Problem"));
  EXPECT_TRUE(json["components"]["securitySchemes"].contains("bearerToken"));
  const Json& get = json["paths"]["/things/{id}"]["get"]["responses"];
  EXPECT_EQ(get["503"]["description"], "own");
  EXPECT_EQ(get["400"]["$ref"], "#/components/responses/Problem");
  EXPECT_FALSE(get.contains("401"));
  EXPECT_FALSE(get.contains("413"));
  const Json& put = json["paths"]["/things/{id}"]["put"]["responses"];
  for (const char* status : {"200", "400", "401", "403", "413", "414", "431", "503"}) {
    EXPECT_TRUE(put.contains(status)) << status;
  }
}

TEST_F(OpenApi, EveryReferenceOfACompletedDocumentLeadsSomewhere) {
  const Json json = Json::parse(CompleteOpenApi(kDocument, "1").value());
  std::vector<std::string> references;
  const auto collect = [&](const auto& self, const Json& node) -> void {
    if (!node.is_structured()) return;
    if (node.is_object() && node.contains("$ref")) references.push_back(node["$ref"]);
    for (const Json& child : node) self(self, child);
  };
  collect(collect, json);
  EXPECT_GT(references.size(), 10U);
  for (const std::string& reference : references) {
    ASSERT_EQ(reference.substr(0, 2), "#/");
    EXPECT_TRUE(json.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST_F(OpenApi, WhatIsNoDocumentIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"paths": 1})", "{\"paths\": {}"}) {
    EXPECT_FALSE(CompleteOpenApi(text, "1")) << text;
    EXPECT_EQ(CompareOpenApi(router_, text).size(), 1U) << text;
  }
}

TEST_F(OpenApi, RoutesThatAgreeWithTheDocumentDifferInNothing) {
  router_.Get("/things/{id}", Nothing).Put("/things/{id}", Nothing, "things:write");
  EXPECT_THAT(CompareOpenApi(router_, kDocument), IsEmpty());
}

TEST_F(OpenApi, EachDifferenceIsNamed) {
  router_.Get("/things/{id}", Nothing, "things:read").Post("/things", Nothing);
  EXPECT_THAT(CompareOpenApi(router_, kDocument),
              UnorderedElementsAre(
                  "GET /things/{id} needs the scope things:read, the document says no scope",
                  "POST /things is not in the document", "PUT /things/{id} has no route"));
}

}  // namespace
}  // namespace auditflow::api
