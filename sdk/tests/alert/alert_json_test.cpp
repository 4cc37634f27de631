#include <algorithm>
#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/alert/alert.hpp"
#include "auditflow/event/event.hpp"

#include "src/alert/text_fields.hpp"
#include "tests/alert/sample.hpp"

namespace auditflow::alert {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Replaces the first place where `from` stands: the alert's own members come before the event's.
std::string With(std::string json, std::string_view from, std::string_view to) {
  const std::size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

Status Rejection(std::string_view json) {
  const Result<Alert> alert = FromJson(json);
  return alert ? Status() : alert.error();
}

TEST(AlertJson, WritesTheContractsSampleByteForByte) {
  EXPECT_EQ(ToJson(SampleAlert()), SampleJson());
}

TEST(AlertJson, ReadsEveryFieldOfTheSample) {
  const Alert alert = SampleAlert();
  EXPECT_EQ(alert.alert_id.ToString(), "a75a8d29-d2d4-42eb-bf3e-bb61047853b0");
  EXPECT_EQ(alert.correlation_id.ToString(), "f00eadcb-3032-4e3f-a35c-badd7cf705cd");
  EXPECT_EQ(alert.timestamp.ToString(), "2026-11-20T18:56:09Z");
  EXPECT_EQ(alert.alert_name, "Multiple Failed Login Attempts");
  EXPECT_EQ(alert.alert_type, "SECURITY");
  EXPECT_EQ(alert.severity, "CRITICAL");
  EXPECT_THAT(alert.description, StartsWith("3 or more failed login attempts"));
  EXPECT_EQ(alert.source_service_name, "audit-event-generator");
  EXPECT_EQ(alert.analysis_rule.rule_id, "ANLY-SEC-001");
  EXPECT_EQ(alert.analysis_rule.rule_name, "Failed Login Burst Detection");
  EXPECT_EQ(alert.analysis_rule.rule_description, "Detects 3 failed logins within 60 seconds.");
  EXPECT_EQ(alert.triggered_by.actor_type, "USER");
  EXPECT_EQ(alert.triggered_by.actor_id, "app_user");
  EXPECT_EQ(alert.triggered_by.client_ip, "N/A");
  EXPECT_EQ(alert.impacted_resource.resource_type, "SERVER");
  EXPECT_EQ(alert.impacted_resource.resource_id, "prod-db-02");
  EXPECT_EQ(alert.impacted_resource.server_hostname, "prod-db-02");
  EXPECT_EQ(alert.action_observed, "LOGIN_FAILURE");
  EXPECT_THAT(alert.metadata.tags, ElementsAre("brute-force", "authentication", "critical"));
  EXPECT_EQ(alert.metadata.environment, "DEVELOPMENT");
  EXPECT_EQ(alert.metadata.remediation_guidance, "Lock the account.");
  EXPECT_EQ(alert.metadata.playbook_url, "https://example.org/p");
  EXPECT_EQ(alert.metadata.extra_json, "");
  EXPECT_EQ(alert.raw_event_data, kSampleEvent);
}

TEST(AlertJson, AcceptsThePeersMalformedTimestampAndNeverWritesIt) {
  const Result<Alert> alert = FromJson(SampleJson("2026-11-20T18:56:09+00:00Z"));
  ASSERT_TRUE(alert.has_value()) << alert.error().ToString();
  EXPECT_EQ(ToJson(*alert), SampleJson("2026-11-20T18:56:09Z"));
}

TEST(AlertJson, OptionalMembersMayBeMissingOrNull) {
  const std::string base =
      R"({"alert_id":"a75a8d29-d2d4-42eb-bf3e-bb61047853b0",)"
      R"("correlation_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd",)"
      R"("timestamp":"2026-11-20T18:56:09Z","alert_name":"n","alert_type":"t","severity":"s",)"
      R"("raw_event_data":{})";
  for (const char* rest :
       {"}", R"(,"description":null,"metadata":null,"triggered_by":null,"action_observed":null})",
        R"(,"triggered_by":{"client_ip":null},"metadata":{"tags":null},"analysis_rule":{}})"}) {
    const Result<Alert> alert = FromJson(base + rest);
    ASSERT_TRUE(alert.has_value()) << rest << alert.error().ToString();
    EXPECT_EQ(alert->description, "");
    EXPECT_EQ(alert->triggered_by.client_ip, "N/A");
    EXPECT_TRUE(alert->metadata.tags.empty());
  }
}

TEST(AlertJson, RequiredMembersMayNot) {
  for (const std::string field : {"alert_id", "correlation_id", "timestamp", "alert_name",
                                  "alert_type", "severity", "raw_event_data"}) {
    const std::string without = With(SampleJson(), "\"" + field + "\":", "\"x\":");
    EXPECT_EQ(Rejection(without).message(), field + ": is missing");
  }
}

TEST(AlertJson, UnknownMembersAreIgnoredButInMetadata) {
  const std::string json =
      With(With(SampleJson(), R"("alert_type":)", R"("new":[1],"alert_type":)"), R"("tags":)",
           R"("score":1.50,"who":{"a":null},"tags":)");
  const Result<Alert> alert = FromJson(json);
  ASSERT_TRUE(alert.has_value()) << alert.error().ToString();
  EXPECT_EQ(alert->metadata.extra_json, R"("score":1.50,"who":{"a":null})");
  EXPECT_THAT(ToJson(*alert), HasSubstr(R"(p","score":1.50,"who":{"a":null}}})"));
  EXPECT_EQ(FromJson(ToJson(*alert)).value(), *alert);
}

TEST(AlertJson, TheRawEventComesThroughDigitForDigit) {
  const std::string raw =
      R"({"big":9007199254740993,"max":18446744073709551615,"f":1.50,"e":1e3,"z":-0,"d":{"é":"é\n"}})";
  const std::string json = With(SampleJson(), kSampleEvent, " { " + raw.substr(1));
  const Result<Alert> alert = FromJson(json);
  ASSERT_TRUE(alert.has_value()) << alert.error().ToString();
  EXPECT_EQ(alert->raw_event_data, raw);
}

struct WrongType {
  std::string field;
  std::string was;
};

class AlertJsonWrongType : public testing::TestWithParam<WrongType> {};

TEST_P(AlertJsonWrongType, IsRefusedNamingTheField) {
  for (const char* wrong : {"1", "true", "1.5", "[]", "[\"x\"]", "{}", "\"x\""}) {
    const std::string member =
        "\"" + GetParam().field.substr(GetParam().field.find('.') + 1) + "\":";
    const Status status =
        Rejection(With(SampleJson(), member + GetParam().was, member + std::string(wrong)));
    if (GetParam().was.front() == std::string_view(wrong).front()) continue;  // its own type
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << wrong;
    EXPECT_THAT(status.message(), StartsWith(GetParam().field + ": ")) << wrong;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Fields, AlertJsonWrongType,
    testing::Values(
        WrongType{"alert_id", R"("a75a8d29-d2d4-42eb-bf3e-bb61047853b0")"},
        WrongType{"timestamp", R"("2026-11-20T18:56:09Z")"},
        WrongType{"alert_name", R"("Multiple Failed Login Attempts")"},
        WrongType{"alert_type", R"("SECURITY")"}, WrongType{"severity", R"("CRITICAL")"},
        WrongType{"description", R"("3 or more failed login attempts for user )"
                                 R"('app_user' on 'prod-db-02' within 60 seconds.")"},
        WrongType{"source_service_name", R"("audit-event-generator")"},
        WrongType{"analysis_rule",
                  R"({"rule_id":"ANLY-SEC-001","rule_name":"Failed Login Burst Detection",)"
                  R"("rule_description":"Detects 3 failed logins within 60 seconds."})"},
        WrongType{"analysis_rule.rule_id", R"("ANLY-SEC-001")"},
        WrongType{"analysis_rule.rule_name", R"("Failed Login Burst Detection")"},
        WrongType{"analysis_rule.rule_description",
                  R"("Detects 3 failed logins within 60 seconds.")"},
        WrongType{"triggered_by",
                  R"({"actor_type":"USER","actor_id":"app_user","client_ip":"N/A"})"},
        WrongType{"triggered_by.actor_type", R"("USER")"},
        WrongType{"triggered_by.actor_id", R"("app_user")"},
        WrongType{"triggered_by.client_ip", R"("N/A")"},
        WrongType{"impacted_resource", R"({"resource_type":"SERVER","resource_id":"prod-db-02",)"
                                       R"("server_hostname":"prod-db-02"})"},
        WrongType{"impacted_resource.resource_type", R"("SERVER")"},
        WrongType{"impacted_resource.resource_id", R"("prod-db-02")"},
        WrongType{"action_observed", R"("LOGIN_FAILURE")"},
        WrongType{"correlation_id", R"("f00eadcb-3032-4e3f-a35c-badd7cf705cd")"},
        WrongType{"raw_event_data", std::string(kSampleEvent)},
        WrongType{"metadata.environment", R"("DEVELOPMENT")"},
        WrongType{"metadata.remediation_guidance", R"("Lock the account.")"},
        WrongType{"metadata.playbook_url", R"("https://example.org/p")"}),
    [](const auto& test) {
      std::string name = test.param.field;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(AlertJson, TagsMustBeAListOfStrings) {
  for (const char* wrong : {R"("a")", "{}", "1", R"(["a",1])", R"([["a"]])", "[null]"}) {
    const std::string json =
        With(SampleJson(), R"(["brute-force","authentication","critical"])", wrong);
    EXPECT_EQ(Rejection(json).message(), "metadata.tags: must be a list of strings") << wrong;
  }
}

TEST(AlertJson, IdentitiesMustBeUuids) {
  for (const char* wrong : {"", "x", "a75a8d29d2d442ebbf3ebb61047853b0", "' OR 1=1 --"}) {
    const std::string json = With(SampleJson(), "a75a8d29-d2d4-42eb-bf3e-bb61047853b0", wrong);
    EXPECT_THAT(Rejection(json).message(), StartsWith("alert_id: not a UUID")) << wrong;
  }
}

TEST(AlertJson, ClientIpIsAnAddressOrNotAvailable) {
  for (const char* good : {"N/A", "", "10.0.0.1", "::1", "2001:db8::192.0.2.1"}) {
    const Status status = Rejection(With(SampleJson(), "N/A", good));
    EXPECT_TRUE(status.ok()) << good << status.ToString();
  }
  for (const char* bad : {"n/a", "10.0.0.256", "10.0.0.1:22", "10.0.0.0/8", "fe80::1%eth0",
                          "01.2.3.4", "localhost", "10.0.0.1\\u0000"}) {
    EXPECT_FALSE(Rejection(With(SampleJson(), "N/A", bad)).ok()) << bad;
  }
}

TEST(AlertJson, MalformedDocumentsAreRefusedWithTheirOffset) {
  EXPECT_THAT(Rejection("").message(), StartsWith("offset 0"));
  EXPECT_EQ(Rejection("[]").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Rejection("null").code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Rejection(SampleJson() + "x").message(), StartsWith("offset "));
  EXPECT_EQ(
      Rejection(With(SampleJson(), R"("alert_type":)", R"("alert_id":"x","alert_type":)")).code(),
      StatusCode::kInvalidArgument)
      << "a duplicate key";
  const Status deep = Rejection(R"({"a":)" + std::string(1000, '[') + std::string(1000, ']') + "}");
  EXPECT_EQ(deep.code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(deep.retryable());
}

TEST(AlertJson, EveryTruncationOfTheSampleIsRefused) {
  const std::string json = SampleJson();
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_FALSE(FromJson(json.substr(0, size)).has_value()) << size;
  }
}

TEST(AlertJson, NulIsRefusedWhereverItStands) {
  EXPECT_EQ(Rejection(With(SampleJson(), "LOGIN_FAILURE", "a\\u0000b")).message(),
            "action_observed: contains a NUL character, which databases cannot hold");
  EXPECT_THAT(Rejection(With(SampleJson(), "Incorrect password", "a\\u0000b")).message(),
              StartsWith("raw_event_data: contains \\u0000"));
  EXPECT_THAT(Rejection(With(SampleJson(), R"("tags":)", R"("x\u0000":1,"tags":)")).message(),
              StartsWith("metadata: contains \\u0000"));
  EXPECT_THAT(Rejection(With(SampleJson(), "brute-force", "a\\u0000b")).message(),
              StartsWith("metadata.tags: contains a NUL"));
  EXPECT_TRUE(Rejection(With(SampleJson(), "Incorrect password", "a\\\\u0000b")).ok())
      << "an escaped backslash before u0000 is no NUL";
}

// Text is data: what means something to a spreadsheet, browser, shell or database goes through as
// it is, and the writer's escaping keeps it within its string.
TEST(AlertJson, HostileStringsComeThroughUnchanged) {
  const std::vector<std::string> hostile = {"=cmd|' /C calc'!A0",
                                            "<script>alert(1)</script>",
                                            "\"},\"severity\":\"INFO",
                                            "' OR 1=1; DROP TABLE alerts;--",
                                            "%_\\",
                                            "{user_id}{{7*7}}${jndi:ldap://x}",
                                            "\r\nBcc: x@y",
                                            "\x01\x1f\x7f\b\f",
                                            "\u202Egpj.exe",
                                            "\xF0\x9F\x92\xA3",
                                            "\\u0000",
                                            "\\",
                                            "\xEF\xBF\xBF"};
  for (const std::string& text : hostile) {
    Alert alert = SampleAlert();
    for (const TextField& field : TextFields()) {
      if (field.name != "client_ip") field.get_mutable(alert) = text;
    }
    alert.metadata.tags = {text};
    ASSERT_TRUE(Validate(alert).ok()) << text;
    const Result<Alert> read = FromJson(ToJson(alert));
    ASSERT_TRUE(read.has_value()) << text << read.error().ToString();
    EXPECT_EQ(*read, alert) << text;
  }
}

TEST(AlertValidate, WidthsCountCodePoints) {
  for (const TextField& field : TextFields()) {
    if (field.width == 0) continue;
    Alert alert = SampleAlert();
    std::string text;
    for (std::size_t i = 0; i < field.width; ++i) text += "\xF0\x9F\x92\xA3";
    field.get_mutable(alert) = text;
    EXPECT_TRUE(Validate(alert).ok()) << field.path();
    field.get_mutable(alert) += 'x';
    const Status status = Validate(alert);
    EXPECT_EQ(status.message(), field.path() + ": has " + std::to_string(field.width + 1) +
                                    " characters, at most " + std::to_string(field.width) +
                                    " can be stored");
    EXPECT_EQ(Rejection(ToJson(alert)), status);
  }
}

TEST(AlertValidate, WidthsAreThoseOfTheTable) {
  std::vector<std::string> narrow;
  for (const TextField& field : TextFields()) {
    if (field.width == 50) narrow.push_back(field.path());
  }
  EXPECT_THAT(narrow, ElementsAre("alert_type", "severity", "triggered_by.actor_type",
                                  "impacted_resource.resource_type"));
}

TEST(AlertValidate, RefusesWhatNoStoreCanHold) {
  const std::vector<std::pair<std::function<void(Alert&)>, std::string>> cases = {
      {[](Alert& a) { a.alert_name = "\xC0\xAF"; }, "alert_name: is not UTF-8"},
      {[](Alert& a) { a.description = "\xED\xA0\x80"; }, "description: is not UTF-8"},
      {[](Alert& a) { a.description.assign(1, '\0'); }, "description: contains a NUL"},
      {[](Alert& a) { a.triggered_by.client_ip = "nowhere"; },
       "triggered_by.client_ip: is neither"},
      {[](Alert& a) { a.raw_event_data = ""; }, "raw_event_data: is no JSON object"},
      {[](Alert& a) { a.raw_event_data = "[]"; }, "raw_event_data: is no JSON object"},
      {[](Alert& a) { a.raw_event_data = "{}{}"; }, "raw_event_data: is no JSON object"},
      {[](Alert& a) { a.raw_event_data = R"({"a":"\u0000"})"; }, "raw_event_data: contains"},
      {[](Alert& a) { a.metadata.extra_json = "1"; }, "metadata: is no JSON object"},
      {[](Alert& a) { a.metadata.extra_json = R"("a":1},"severity":{"x":2)"; },
       "metadata: is no JSON object"},
      {[](Alert& a) { a.metadata.extra_json = R"("tags":[])"; }, "metadata.tags: is given twice"},
      {[](Alert& a) { a.metadata.extra_json = R"("a":"\u0000")"; }, "metadata: contains"},
  };
  for (const auto& [spoil, reason] : cases) {
    Alert alert = SampleAlert();
    spoil(alert);
    EXPECT_THAT(Validate(alert).message(), StartsWith(reason));
  }
}

TEST(AlertValidate, TheDeepestEventThatIsValidCanBeReadBack) {
  for (const std::size_t depth : {250U, 254U, 255U, 256U, 257U}) {
    Alert alert = SampleAlert();
    const std::size_t arrays = depth - 1;
    alert.raw_event_data = R"({"a":)" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
    EXPECT_EQ(Validate(alert).ok(), FromJson(ToJson(alert)).has_value()) << depth;
  }
}

}  // namespace
}  // namespace auditflow::alert
