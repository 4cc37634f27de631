#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/event/event.hpp"

#include "src/alert/text_fields.hpp"
#include "tests/alert/sample.hpp"

namespace auditflow::alert {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

event::Event Parse(std::string_view json) { return event::EventParser().Parse(json).value(); }

const Timestamp kNow = Timestamp::Parse("2026-11-20T18:56:09Z").value();

/// Rule ANLY-SEC-001 of the wire contract.
AlertTemplate LoginBurst() {
  AlertTemplate rule;
  rule.rule_id = "ANLY-SEC-001";
  rule.rule_name = "Failed Login Burst Detection";
  rule.rule_description = "Detects 3 failed logins within 60 seconds.";
  rule.alert_name = "Multiple Failed Login Attempts";
  rule.severity = "CRITICAL";
  rule.description =
      "3 or more failed login attempts for user '{user_id}' on '{server_hostname}' within 60 "
      "seconds.";
  rule.action_observed = "LOGIN_FAILURE";
  rule.client_ip_fields = {"client_ip"};
  rule.tags = {"brute-force", "authentication", "critical"};
  rule.remediation_guidance = "Lock the account.";
  rule.playbook_url = "https://example.org/p";
  return rule;
}

Trigger TriggerOf(const event::Event& event) {
  Trigger trigger;
  trigger.event = &event;
  trigger.event_id = Uuid::Parse("f00eadcb-3032-4e3f-a35c-badd7cf705cd").value();
  trigger.time = Timestamp::Parse("2026-11-20T18:55:54.352392Z").value();
  return trigger;
}

Alert Make(const AlertTemplate& rule, const Trigger& trigger) {
  Alert alert = MakeAlert(rule, trigger, "development", kNow);
  const Status status = Validate(alert);
  EXPECT_TRUE(status.ok()) << status.ToString();
  Alert read = FromJson(ToJson(alert)).value();
  EXPECT_EQ(ToJson(FromJson(ToJson(read)).value()), ToJson(read));
  read.raw_event_data = alert.raw_event_data;  // may be written with fewer escapes
  EXPECT_EQ(read, alert);
  return alert;
}

Alert Make(const AlertTemplate& rule, std::string_view json) {
  const event::Event event = Parse(json);
  return Make(rule, TriggerOf(event));
}

TEST(MakeAlert, GivesTheContractsSample) {
  Alert alert = Make(LoginBurst(), kSampleEvent);
  const Alert sample = SampleAlert();
  alert.alert_id = sample.alert_id;
  EXPECT_EQ(ToJson(alert), ToJson(sample));
}

TEST(MakeAlert, AReplayGivesTheSameIdWhateverTheTimeAndTexts) {
  const event::Event event = Parse(kSampleEvent);
  AlertTemplate reworded = LoginBurst();
  reworded.description = "other";
  reworded.severity = "LOW";
  const Trigger trigger = TriggerOf(event);
  EXPECT_EQ(MakeAlert(LoginBurst(), trigger, "a", kNow).alert_id,
            MakeAlert(reworded, trigger, "b", kNow + std::chrono::hours(1)).alert_id);
}

// Part of the promise to stores that hold alerts of an earlier release.
TEST(MakeAlert, TheIdNeverChangesBetweenReleases) {
  const event::Event event = Parse(kSampleEvent);
  EXPECT_EQ(Make(LoginBurst(), TriggerOf(event)).alert_id.ToString(),
            "2a2e2e36-eb44-5e6a-ba87-5964dc9ba49a");
}

TEST(MakeAlert, RuleGroupAndEventEachChangeTheId) {
  const event::Event event = Parse(kSampleEvent);
  const Trigger trigger = TriggerOf(event);
  const Uuid id = Make(LoginBurst(), trigger).alert_id;
  AlertTemplate other_rule = LoginBurst();
  other_rule.rule_key = "other";
  EXPECT_NE(Make(other_rule, trigger).alert_id, id);
  Trigger other_group = trigger;
  other_group.group_key = "g";
  EXPECT_NE(Make(LoginBurst(), other_group).alert_id, id);
  Trigger other_event = trigger;
  other_event.event_id = Uuid();
  EXPECT_NE(Make(LoginBurst(), other_event).alert_id, id);
}

TEST(MakeAlert, RuleAndGroupDoNotRunIntoEachOther) {
  const event::Event event = Parse(kSampleEvent);
  AlertTemplate left = LoginBurst();
  AlertTemplate right = LoginBurst();
  left.rule_key = "ab";
  right.rule_key = "a";
  Trigger left_trigger = TriggerOf(event);
  Trigger right_trigger = TriggerOf(event);
  left_trigger.group_key = "c";
  right_trigger.group_key = "bc";
  EXPECT_NE(Make(left, left_trigger).alert_id, Make(right, right_trigger).alert_id);
}

TEST(MakeAlert, FindsThePathAtTheTopAndInDetails) {
  AlertTemplate rule;
  rule.resource_type = "FILE";
  rule.resource_fields = DefaultFileFields();
  EXPECT_EQ(Make(rule, R"({"resource":"/etc/shadow"})").impacted_resource.resource_id,
            "/etc/shadow");
  EXPECT_EQ(Make(rule, R"({"details":{"resource":"/etc/passwd"}})").impacted_resource.resource_id,
            "/etc/passwd");
}

TEST(MakeAlert, ClientIpIsTheFirstFieldThatHoldsAnAddress) {
  const AlertTemplate rule;
  const auto ip = [&](std::string_view json) { return Make(rule, json).triggered_by.client_ip; };
  EXPECT_EQ(ip(R"({"details":{"ip_address":"192.168.1.150"}})"), "192.168.1.150");
  EXPECT_EQ(ip(R"({"client_ip":"10.0.0.1","details":{"ip_address":"192.168.1.150"}})"), "10.0.0.1");
  EXPECT_EQ(ip(R"({"client_ip":"unknown","details":{"ip_address":"::1"}})"), "::1");
  EXPECT_EQ(ip(R"({"client_ip":"=cmd|calc"})"), "N/A");
  EXPECT_EQ(ip(R"({"client_ip":{"a":1}})"), "N/A");
  EXPECT_EQ(ip("{}"), "N/A");
}

TEST(MakeAlert, ReadsForeignSchemas) {
  const Alert alert =
      Make(AlertTemplate{}, R"({"EventID":4688,"Computer":"WS1","Channel":"Security",)"
                            R"("SubjectUserName":"-","TargetUserName":"bob"})");
  EXPECT_EQ(alert.action_observed, "4688");
  EXPECT_EQ(alert.impacted_resource.server_hostname, "WS1");
  EXPECT_EQ(alert.source_service_name, "Security");
  EXPECT_EQ(alert.triggered_by.actor_id, "bob");
}

TEST(MakeAlert, ActionIsDerivedFromTheEventIfTheRuleNamesNone) {
  EXPECT_EQ(Make(AlertTemplate{}, kSampleEvent).action_observed, "USER_LOGIN_FAILURE");
  EXPECT_EQ(Make(AlertTemplate{}, R"({"event_type":"boot"})").action_observed, "BOOT");
  EXPECT_EQ(Make(AlertTemplate{}, R"({"eventName":"GetObject"})").action_observed, "GETOBJECT");
  EXPECT_EQ(Make(AlertTemplate{}, "{}").action_observed, "");
}

struct Filled {
  std::string text;
  std::string expected;
};

TEST(MakeAlert, PlaceholdersAreFilled) {
  const std::vector<Filled> cases = {
      {"{user_id} on {details.host}", "bob on h"},
      {"{n} {f} {b}", "7 1.50 true"},
      {"{missing} {null} {details}", "N/A N/A N/A"},
      {"{{user_id}} {{{user_id}}}", "{user_id} {bob}"},
      {"{list}", "first"},
      {"{auditflow.value}", "N/A"},
      {"{template}", "{user_id}"},
      {"open {user_id", "open {user_id"},
      {"close } {user_id}", "close } {user_id}"},
      {"{} {user_id}", "{} {user_id}"},
  };
  for (const Filled& c : cases) {
    AlertTemplate rule;
    rule.description = c.text;
    EXPECT_EQ(Make(rule, R"({"user_id":"bob","details":{"host":"h"},"n":7,"f":1.50,"b":true,)"
                         R"("null":null,"list":["first","second"],"template":"{user_id}"})")
                  .description,
              c.expected)
        << c.text;
  }
}

TEST(MakeAlert, WithoutADescriptionTheRulesOwnStandsLiterally) {
  AlertTemplate rule;
  rule.rule_description = "matches {braces} as they are";
  EXPECT_EQ(Make(rule, "{}").description, "matches {braces} as they are");
}

TEST(MakeAlert, CorrelationsTellWhatMetTheCondition) {
  const event::Event event = Parse(kSampleEvent);
  Trigger trigger = TriggerOf(event);
  trigger.group = {{"user_id", "from the group"}, {"src\"", "<b>"}, {"user_id", "again"}};
  trigger.value = 3;
  trigger.contributors = {trigger.event_id, Uuid()};
  AlertTemplate rule;
  rule.description = "{auditflow.value} by {user_id}";
  const Alert alert = Make(rule, trigger);
  EXPECT_EQ(alert.description, "3 by from the group");
  EXPECT_EQ(alert.triggered_by.actor_id, "from the group");
  EXPECT_EQ(alert.metadata.extra_json,
            R"("correlation":{"value":3,"group":{"user_id":"from the group","src\"":"<b>"},)"
            R"("time":"2026-11-20T18:55:54.352392Z","event_ids":)"
            R"(["f00eadcb-3032-4e3f-a35c-badd7cf705cd","00000000-0000-0000-0000-000000000000"]})");
}

TEST(MakeAlert, ValuesThatAreNoNumbersStillGiveJson) {
  const event::Event event = Parse("{}");
  Trigger trigger = TriggerOf(event);
  for (const double value : {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity(), -0.5, 1e300, 2.5}) {
    trigger.value = value;
    Make(AlertTemplate{}, trigger);
  }
  trigger.value = 2.5;
  EXPECT_THAT(Make(AlertTemplate{}, trigger).metadata.extra_json, HasSubstr("\"value\":2.5,"));
}

TEST(MakeAlert, IsStorableWhateverTheEventHolds) {
  const std::string wide = [] {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "\xC3\xA9";
    return text;
  }();
  const std::vector<std::string> hostile = {wide,
                                            "a\\u0000b",
                                            "=cmd|' /C calc'!A0",
                                            "<img src=x onerror=alert(1)>",
                                            "\\ud83d\\udca3",
                                            std::string(10'000, 'x'),
                                            "\\r\\nSet-Cookie: a",
                                            "\\\"},{\\\""};
  AlertTemplate rule;
  rule.description = "{user_id}";
  rule.action_observed = "{user_id}";
  rule.resource_fields = {"user_id"};
  rule.source_fields = {"user_id"};
  for (const std::string& text : hostile) {
    const Alert alert =
        Make(rule, R"({"user_id":")" + text + R"(","server_hostname":")" + text + R"("})");
    EXPECT_FALSE(alert.triggered_by.actor_id.empty());
    EXPECT_LE(alert.triggered_by.actor_id.size(), 255U * 4);
  }
  EXPECT_EQ(Make(rule, R"({"user_id":")" + wide + "\"}").triggered_by.actor_id,
            wide.substr(0, 510));
}

TEST(MakeAlert, IsStorableWhateverTheTemplateHolds) {
  AlertTemplate rule;
  for (std::string* text :
       {&rule.rule_id, &rule.rule_name, &rule.rule_description, &rule.alert_name, &rule.alert_type,
        &rule.severity, &rule.description, &rule.action_observed, &rule.actor_type,
        &rule.resource_type, &rule.remediation_guidance, &rule.playbook_url}) {
    *text = std::string(300, 'x') + std::string("\x00\xff{", 3);
  }
  rule.tags = {std::string("\x00\xff", 2)};
  EXPECT_FALSE(CheckTemplate(rule).ok());
  EXPECT_EQ(Make(rule, "{}").severity, std::string(50, 'x'));
}

TEST(MakeAlert, AnEventCannotHideBehindNul) {
  const Alert alert = Make(AlertTemplate{}, R"( {"user_id":"a\u0000b","x":"\\u0000"} )");
  EXPECT_EQ(alert.raw_event_data, R"({"user_id":"a\ufffdb","x":"\\u0000"})");
  EXPECT_EQ(alert.triggered_by.actor_id,
            "a\xEF\xBF\xBD"
            "b");
}

TEST(MakeAlert, KeysThatWouldBecomeEqualAreKeptAsText) {
  const std::string json = R"({"a\u0000":1,"a\ufffd":2})";
  const Alert alert = Make(AlertTemplate{}, json);
  const event::Event raw = Parse(alert.raw_event_data);
  EXPECT_EQ(event::TextAt(raw, "text"), json);
}

TEST(CheckTemplate, NamesTheFaultyField) {
  AlertTemplate rule = LoginBurst();
  EXPECT_TRUE(CheckTemplate(rule).ok());
  const auto message = [&](auto&& spoil) {
    AlertTemplate spoilt = LoginBurst();
    spoil(spoilt);
    return CheckTemplate(spoilt).message();
  };
  EXPECT_EQ(message([](auto& r) { r.description = "a {b"; }),
            "description: character 3: this '{' has no '}'; write '{{' for a brace");
  EXPECT_EQ(message([](auto& r) { r.description = "a } b"; }),
            "description: character 3: this '}' closes nothing; write '}}' for a brace");
  EXPECT_EQ(message([](auto& r) { r.action_observed = "{}"; }),
            "action_observed: character 1: '{}' names no field");
  EXPECT_EQ(message([](auto& r) { r.description = "{a{b}"; }),
            "description: character 1: this '{' has no '}'; write '{{' for a brace");
  EXPECT_EQ(message([](auto& r) { r.severity = ""; }), "severity: is empty");
  EXPECT_EQ(message([](auto& r) { r.alert_type = ""; }), "alert_type: is empty");
  EXPECT_THAT(message([](auto& r) { r.alert_name.assign(256, 'x'); }),
              HasSubstr("alert_name: has 256 characters"));
  EXPECT_THAT(message([](auto& r) { r.tags = {"\xff"}; }),
              HasSubstr("metadata.tags: is not UTF-8"));
}

TEST(SeverityForLevel, CoversTheLevelsOfSigma) {
  EXPECT_EQ(SeverityForLevel("critical"), "CRITICAL");
  EXPECT_EQ(SeverityForLevel("high"), "HIGH");
  EXPECT_EQ(SeverityForLevel("medium"), "MEDIUM");
  EXPECT_EQ(SeverityForLevel("low"), "LOW");
  EXPECT_EQ(SeverityForLevel("informational"), "INFO");
  EXPECT_EQ(SeverityForLevel(""), "MEDIUM");
}

}  // namespace
}  // namespace auditflow::alert
