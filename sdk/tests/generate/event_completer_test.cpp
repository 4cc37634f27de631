#include "auditflow/generate/event_completer.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/core/uuid.hpp"

namespace auditflow::generate {
namespace {

using nlohmann::ordered_json;
using testing::Contains;
using testing::HasSubstr;

class EventCompleterTest : public testing::Test {
 protected:
  ManualClock clock_{Timestamp::Parse("2026-11-20T18:00:00Z").value()};
  EventCompleter completer_{{.seed = 7}, clock_};
};

TEST_F(EventCompleterTest, FillsWhatIsMissingAsTheContractSays) {
  const std::set<std::string> hosts = {"prod-web-01", "prod-db-02", "dev-api-03", "test-worker-04"};
  const std::set<std::string> users = {"devops_admin", "app_user", "guest_user", "monitoring_agent",
                                       "attacker_bob"};
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const CompletedEvent made = completer_.Complete(R"({"event_type":"user_login"})").value();
    const auto event = ordered_json::parse(made.body);
    EXPECT_EQ(event["event_id"], made.event_id);
    EXPECT_TRUE(Uuid::Parse(made.event_id));
    EXPECT_EQ(event["timestamp"], "2026-11-20T18:00:00Z");
    EXPECT_EQ(event["source_service"], "audit-event-generator-api");
    EXPECT_EQ(event["event_type"], "user_login");
    EXPECT_EQ(event["severity"], "INFO");
    EXPECT_EQ(event["action_result"], "SUCCESS");
    EXPECT_EQ(event["details"], ordered_json::object());
    EXPECT_EQ(event.size(), 9U);
    EXPECT_THAT(hosts, Contains(event["server_hostname"].get<std::string>()));
    EXPECT_THAT(users, Contains(event["user_id"].get<std::string>()));
    seen.insert(made.server_hostname);
    seen.insert(event["user_id"].get<std::string>());
  }
  EXPECT_EQ(seen.size(), hosts.size() + users.size());
}

TEST_F(EventCompleterTest, KeepsWhatIsGivenInTheContractsOrder) {
  const CompletedEvent made =
      completer_
          .Complete(R"({"zone":{"n":1.50,"e":[1e3,-0]},"details":{"b":12345678901234567890},
"action_result":"FAILURE","user_id":"","severity":"CRITICAL","event_type":"x\u00e9\"","resource":null,
"server_hostname":"h","source_service":"mine","timestamp":"2026-01-02T03:04:05.6+02:00",
"event_id":"F00EADCB-3032-4E3F-A35C-BADD7CF705CD"})")
          .value();
  EXPECT_EQ(made.body,
            R"({"event_id":"F00EADCB-3032-4E3F-A35C-BADD7CF705CD",)"
            R"("timestamp":"2026-01-02T03:04:05.6+02:00","source_service":"mine",)"
            R"("server_hostname":"h","event_type":"xé\"","severity":"CRITICAL","user_id":"",)"
            R"("action_result":"FAILURE","details":{"b":12345678901234567890},)"
            R"("zone":{"n":1.50,"e":[1e3,-0]},"resource":null})");
  EXPECT_EQ(made.event_id, "F00EADCB-3032-4E3F-A35C-BADD7CF705CD");
  EXPECT_EQ(made.event_type, "xé\"");
  EXPECT_EQ(made.server_hostname, "h");
  EXPECT_EQ(made.action_result, "FAILURE");
}

TEST_F(EventCompleterTest, TheSameSeedGivesTheSameEvents) {
  EventCompleter other({.seed = 7}, clock_);
  EventCompleter third({.seed = 8}, clock_);
  EventCompleter unseeded({}, clock_);
  const std::string request = R"({"event_type":"t"})";
  const std::string body = completer_.Complete(request).value().body;
  EXPECT_EQ(other.Complete(request).value().body, body);
  EXPECT_NE(third.Complete(request).value().body, body);
  EXPECT_NE(unseeded.Complete(request).value().body, body);
}

TEST_F(EventCompleterTest, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "'event_type' is required."},
      {" \n", "'event_type' is required."},
      {"{}", "'event_type' is required."},
      {R"({"user_id":"u"})", "'event_type' is required."},
      {R"({"event_type":""})", "'event_type' is required."},
      {R"({"event_type":null})", "'event_type' is required."},
      {R"({"event_type":5})", "'event_type' must be a string, not a number."},
      {R"({"event_type":["a"]})", "'event_type' must be a string, not an array."},
      {R"({"event_type":"t","user_id":null})", "'user_id' must be a string, not null."},
      {R"({"event_type":"t","severity":true})", "'severity' must be a string, not a boolean."},
      {R"({"event_type":"t","details":"x"})", "'details' must be an object, not a string."},
      {R"({"event_type":"t","details":[]})", "'details' must be an object, not an array."},
      {R"({"event_type":"t","event_id":"1"})", "'event_id' must be a UUID."},
      {R"({"event_type":"t","timestamp":"soon"})", "'timestamp' must be a time: "},
      {R"({"event_type":"t","timestamp":1})", "'timestamp' must be a string, not a number."},
      {R"(["event_type"])", "It has to be one JSON object; offset 0"},
      {"null", "It has to be one JSON object; offset 0"},
      {R"({"event_type":"t")", "It has to be one JSON object; offset "},
      {R"({"event_type":"t"} x)", "It has to be one JSON object; offset "},
      {R"({"event_type":"t","event_type":"u"})", "It has to be one JSON object; offset "},
      {"{\"event_type\":\"\xff\"}", "It has to be one JSON object; offset "},
      {R"({"event_type":"t","a":)" + std::string(70, '[') + std::string(70, ']') + "}",
       "It has to be one JSON object; offset "}};
  for (const auto& [request, reason] : cases) {
    const Result<CompletedEvent> made = completer_.Complete(request);
    ASSERT_FALSE(made) << request;
    EXPECT_EQ(made.error().code(), StatusCode::kInvalidArgument) << request;
    EXPECT_THAT(made.error().message(), HasSubstr("Invalid event data. " + reason)) << request;
  }
}

TEST_F(EventCompleterTest, RefusesMoreMembersThanItsLimit) {
  std::string request = R"({"event_type":"t")";
  for (int i = 0; i < 10'000; ++i) request += ",\"k" + std::to_string(i) + "\":1";
  const Result<CompletedEvent> made = completer_.Complete(request + "}");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace auditflow::generate
