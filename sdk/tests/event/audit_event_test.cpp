#include "auditflow/event/audit_event.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kSample =
    R"({"event_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","timestamp":"2026-11-20T18:55:54.352392Z",)"
    R"("source_service":"audit-event-generator","server_hostname":"prod-db-02",)"
    R"("event_type":"user_login","severity":"WARNING","user_id":"app_user",)"
    R"("action_result":"FAILURE","details":{"reason":"Incorrect password",)"
    R"("ip_address":"192.168.1.150","protocol":"ssh"}})";

std::string TimeOf(std::string_view json) {
  const Identity identity = IdentityOf(MustParse(json));
  EXPECT_EQ(identity.time_missing_or_bad, !identity.time);
  return identity.time ? identity.time->ToString() : "none";
}

TEST(IdentityOf, TakesTheEventsOwnIdAndTime) {
  const Identity identity = IdentityOf(MustParse(kSample));
  EXPECT_EQ(identity.id.ToString(), "f00eadcb-3032-4e3f-a35c-badd7cf705cd");
  EXPECT_FALSE(identity.id_derived);
  EXPECT_EQ(identity.time->ToString(), "2026-11-20T18:55:54.352392Z");
  EXPECT_FALSE(identity.time_missing_or_bad);
}

TEST(IdentityOf, DerivesTheIdFromAnotherTextOfTheIdField) {
  const Identity one = IdentityOf(MustParse(R"({"event_id":"evt-7","a":1})"));
  const Identity same_id = IdentityOf(MustParse(R"({"event_id":"evt-7","a":2})"));
  const Identity other = IdentityOf(MustParse(R"({"event_id":"evt-8","a":1})"));
  EXPECT_TRUE(one.id_derived);
  EXPECT_EQ(one.id, same_id.id);
  EXPECT_NE(one.id, other.id);
  EXPECT_EQ(one.id.ToString()[14], '5');
}

TEST(IdentityOf, DerivesTheIdFromTheBytesWithoutAnIdField) {
  for (const char* json : {R"({"a":1})", R"({"event_id":"","a":1})", R"({"event_id":7})",
                           R"({"event_id":null})", R"({"event_id":{"x":"y"}})"}) {
    const Identity identity = IdentityOf(MustParse(json));
    EXPECT_TRUE(identity.id_derived) << json;
    EXPECT_EQ(identity.id, IdentityOf(MustParse(json)).id);
    EXPECT_NE(identity.id, IdentityOf(MustParse(json + std::string(" "))).id);
  }
}

TEST(IdentityOf, TakesAnIdOfAMegabyte) {
  const std::string json = "{\"event_id\":\"" + std::string(1 << 20, 'i') + "\"}";
  EXPECT_TRUE(IdentityOf(MustParse(json)).id_derived);
}

TEST(IdentityOf, ReadsTheTimeFieldsThatLogsUse) {
  EXPECT_EQ(TimeOf(R"({"@timestamp":"2020-09-14T00:45:36.000Z"})"), "2020-09-14T00:45:36Z");
  EXPECT_EQ(TimeOf(R"({"eventTime":"2020-09-14T00:45:36Z"})"), "2020-09-14T00:45:36Z");
  EXPECT_EQ(TimeOf(R"({"UtcTime":"2020-09-14 00:45:36.123"})"), "2020-09-14T00:45:36.123Z");
  EXPECT_EQ(
      TimeOf(
          R"({"Event":{"System":{"TimeCreated":{"#attributes":{"SystemTime":"2020-09-14T00:45:36Z"}}}}})"),
      "2020-09-14T00:45:36Z");
}

TEST(IdentityOf, ReadsUnixTimesOfAnyUnit) {
  for (const char* number : {"1600044336", "1600044336000", "1600044336000000",
                             "1600044336000000000", "1600044336.0", "1.600044336e9"}) {
    EXPECT_EQ(TimeOf("{\"time\":" + std::string(number) + "}"), "2020-09-14T00:45:36Z") << number;
  }
}

TEST(IdentityOf, PassesOverUnreadableTimes) {
  EXPECT_EQ(TimeOf(R"({"timestamp":"soon","@timestamp":null,"time":1600044336})"),
            "2020-09-14T00:45:36Z");
  EXPECT_EQ(TimeOf(R"({"timestamp":["soon","2020-09-14T00:45:36Z"]})"), "2020-09-14T00:45:36Z");
  EXPECT_EQ(TimeOf(R"({"timestamp":"9999-12-31T23:59:59Z"})"), "none");
  EXPECT_EQ(TimeOf(R"({"timestamp":true})"), "none");
  EXPECT_EQ(TimeOf("{}"), "none");
}

TEST(IdentityOf, TheFieldsAreOptions) {
  const Event event =
      MustParse(R"({"meta":{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","at":0},"timestamp":99})");
  const Identity identity = IdentityOf(event, {.time_fields = {"meta.at"}, .id_field = "meta.id"});
  EXPECT_EQ(identity.id.ToString(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(identity.time, Timestamp());
}

std::vector<std::string> Faults(std::string_view json) {
  std::vector<std::string> faults;
  for (const FieldError& error : CheckAuditEvent(MustParse(json))) {
    faults.push_back(error.field + ": " + error.reason);
  }
  return faults;
}

TEST(CheckAuditEvent, AcceptsTheSampleAndUnknownFields) {
  EXPECT_THAT(Faults(kSample), IsEmpty());
  std::string more = kSample;
  more.insert(1, R"("unknown":[1,2],)");
  EXPECT_THAT(Faults(more), IsEmpty());
}

TEST(CheckAuditEvent, NamesEachMissingField) {
  EXPECT_THAT(Faults("{}"),
              ElementsAre("event_id: missing", "timestamp: missing", "source_service: missing",
                          "server_hostname: missing", "event_type: missing", "severity: missing",
                          "user_id: missing", "action_result: missing", "details: missing"));
}

TEST(CheckAuditEvent, NamesEachFieldOfAWrongType) {
  const std::string sample = kSample;
  for (const char* field : {"event_id", "timestamp", "source_service", "server_hostname",
                            "event_type", "severity", "user_id", "action_result"}) {
    for (const char* wrong : {"null", "1", "true", "[\"x\"]", "{}"}) {
      std::string json = sample;
      const std::size_t at = json.find(':', json.find("\"" + std::string(field) + "\"")) + 1;
      json.replace(at, json.find(',', at) - at, wrong);
      EXPECT_THAT(Faults(json), ElementsAre(std::string(field) + ": not a string")) << json;
    }
  }
  std::string json = sample.substr(0, sample.find("\"details\"")) + "\"details\":\"x\"}";
  EXPECT_THAT(Faults(json), ElementsAre("details: not an object"));
}

TEST(CheckAuditEvent, ChecksIdAndTime) {
  std::string json = kSample;
  json.replace(json.find("f00eadcb"), 1, "x");
  json.replace(json.find("2026-11"), 7, "2026-13");
  EXPECT_THAT(Faults(json),
              ElementsAre("event_id: not a UUID: character 1 should be a hexadecimal digit",
                          "timestamp: timestamp: month 13 is out of range at character 6"));
}

}  // namespace
}  // namespace auditflow::event
