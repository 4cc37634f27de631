#include "auditflow/generate/event_generator.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/core/uuid.hpp"

namespace auditflow::generate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<std::string> Generate(const EventGeneratorOptions& options, int count) {
  EventGenerator generator = EventGenerator::Create(options).value();
  std::vector<std::string> events;
  for (int i = 0; i < count; ++i) events.push_back(generator.Next());
  return events;
}

TEST(EventGenerator, TheSameSeedGivesTheSameEvents) {
  EXPECT_EQ(Generate({.seed = 7}, 2000), Generate({.seed = 7}, 2000));
  EXPECT_NE(Generate({.seed = 7}, 10), Generate({.seed = 8}, 10));
}

TEST(EventGenerator, EventsHaveTheContractsMembersInItsOrder) {
  const std::vector<std::string> members = {"event_id",        "timestamp",     "source_service",
                                            "server_hostname", "event_type",    "severity",
                                            "user_id",         "action_result", "details"};
  for (const std::string& line : Generate({.scenario_rate = 0.2}, 3000)) {
    const auto event = nlohmann::ordered_json::parse(line);
    std::vector<std::string> keys;
    for (const auto& [key, value] : event.items()) keys.push_back(key);
    ASSERT_EQ(keys, members) << line;
    EXPECT_TRUE(Uuid::Parse(event["event_id"].get<std::string>()).has_value());
    EXPECT_EQ(event["event_id"].get<std::string>()[14], '4');
    EXPECT_EQ(event["source_service"], "audit-event-generator");
  }
}

TEST(EventGenerator, DetailsFollowTheContractsTable) {
  const std::map<std::string, std::set<std::string>> table = {
      {"user_login/FAILURE/WARNING", {"reason", "ip_address", "protocol"}},
      {"user_login/SUCCESS/INFO", {"ip_address", "protocol"}},
      {"sudo_command/SUCCESS/INFO", {"command", "tty", "cwd"}},
      {"file_modified/MODIFIED/CRITICAL",
       {"resource", "old_checksum", "new_checksum", "size_change_bytes"}},
      {"service_status_change/STARTED/INFO", {"resource", "previous_state", "message"}},
      {"service_status_change/STOPPED/WARNING", {"resource", "previous_state", "message"}},
      {"user_account_management/CREATED/INFO", {"resource", "group", "home_directory"}}};
  std::set<std::string> seen;
  for (const std::string& line : Generate({.scenario_rate = 0.2}, 3000)) {
    const json event = json::parse(line);
    const std::string row = event["event_type"].get<std::string>() + "/" +
                            event["action_result"].get<std::string>() + "/" +
                            event["severity"].get<std::string>();
    ASSERT_TRUE(table.contains(row)) << line;
    std::set<std::string> keys;
    for (const auto& [key, value] : event["details"].items()) keys.insert(key);
    EXPECT_EQ(keys, table.at(row)) << line;
    seen.insert(row);
  }
  EXPECT_EQ(seen.size(), table.size());
}

TEST(EventGenerator, TimesAdvanceByTheInterval) {
  const auto start = Timestamp::Parse("2026-11-20T18:00:00Z").value();
  const auto events = Generate({.start = start, .interval = std::chrono::milliseconds(250)}, 3);
  EXPECT_THAT(events[0], HasSubstr(R"("timestamp":"2026-11-20T18:00:00Z")"));
  EXPECT_THAT(events[1], HasSubstr(R"("timestamp":"2026-11-20T18:00:00.250Z")"));
  EXPECT_THAT(events[2], HasSubstr(R"("timestamp":"2026-11-20T18:00:00.500Z")"));
}

TEST(EventGenerator, EveryScenarioIsPlayed) {
  std::string all;
  for (const std::string& line : Generate({.scenario_rate = 0.3}, 5000)) all += line + "\n";
  for (const char* mark :
       {"/etc/shadow", "/etc/sudoers", R"("group":"sudo")", R"("group":"wheel")", "auditd.service",
        "/bin/bash", "rm -rf /var/log/audit", "/opt/app/main.py"}) {
    EXPECT_THAT(all, HasSubstr(mark));
  }
}

TEST(EventGenerator, ABruteForceIsABurstOfFailuresThenASuccess) {
  EventGeneratorOptions options{.scenario_rate = 1, .mix = {1, 0, 0, 0, 0, 0, 0, 0}};
  options.only = {"user_login"};
  std::map<std::string, int> failures;
  int bursts = 0;
  for (const std::string& line : Generate(options, 500)) {
    const json event = json::parse(line);
    const std::string group =
        event["user_id"].get<std::string>() + "@" + event["server_hostname"].get<std::string>();
    if (event["action_result"] == "FAILURE") {
      ++failures[group];
    } else {
      if (failures[group] >= 3) ++bursts;
      failures[group] = 0;
    }
  }
  EXPECT_GT(bursts, 20);
}

TEST(EventGenerator, WithoutScenariosThereAreNone) {
  for (const std::string& line : Generate({.scenario_rate = 0}, 5000)) {
    ASSERT_EQ(line.find("/etc/shadow"), std::string::npos);
    ASSERT_EQ(line.find("auditd"), std::string::npos);
  }
  EXPECT_EQ(Generate({.scenario_rate = 1, .mix = {0, 0, 0, 0, 0, 0, 0, 0}}, 10).size(), 10U);
}

TEST(EventGenerator, OnlyTheChosenTypesAreMade) {
  for (const std::string& type : EventGenerator::EventTypes()) {
    for (const TrafficMix& traffic : TrafficMixes()) {
      EventGeneratorOptions options;
      options.Use(traffic).only = {type};
      for (const std::string& line : Generate(options, 300)) {
        ASSERT_EQ(json::parse(line)["event_type"], type);
      }
    }
  }
}

EventGeneratorOptions OfMix(std::string_view name) {
  return EventGeneratorOptions().Use(FindTrafficMix(name).value());
}

TEST(TrafficMix, TheStandardOneIsWhatTheOptionsSay) {
  EXPECT_EQ(Generate(OfMix("standard"), 2000), Generate({}, 2000));
}

TEST(TrafficMix, AnUnknownNameIsAnErrorThatNamesAll) {
  const auto mix = FindTrafficMix("noisy");
  ASSERT_FALSE(mix);
  EXPECT_EQ(mix.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(mix.error().message(),
              HasSubstr("standard, uniform, quiet_day, brute_force, insider"));
}

/// The contract's values; each has to come up as often as the others of its kind.
TEST(TrafficMix, UniformIsUniformInKindsHostsUsersAndPaths) {
  constexpr int kEvents = 35'000;
  std::map<std::string, std::map<std::string, int>> counts;
  for (const std::string& line : Generate(OfMix("uniform"), kEvents)) {
    const json event = json::parse(line);
    const std::string kind =
        event["event_type"].get<std::string>() + "/" + event["action_result"].get<std::string>();
    ++counts["kind"][kind];
    ++counts["host"][event["server_hostname"]];
    ++counts["user"][event["user_id"]];
    if (kind == "file_modified/MODIFIED") ++counts["path"][event["details"]["resource"]];
  }
  const std::map<std::string, std::size_t> distinct = {
      {"kind", 7}, {"host", 4}, {"user", 5}, {"path", 5}};
  for (const auto& [what, values] : counts) {
    ASSERT_EQ(values.size(), distinct.at(what)) << what;
    int all = 0;
    for (const auto& [value, count] : values) all += count;
    for (const auto& [value, count] : values) {
      const double share = static_cast<double>(count) * static_cast<double>(values.size()) / all;
      EXPECT_NEAR(share, 1, 0.15) << what << " " << value;
    }
  }
}

TEST(TrafficMix, AQuietDayHasOneMistypedPasswordInTenMinutesAtMost) {
  for (const Duration interval :
       {Duration(std::chrono::microseconds(100)), Duration(std::chrono::seconds(1)), Duration(0)}) {
    EventGeneratorOptions options = OfMix("quiet_day");
    options.interval = interval;
    int mistakes = 0;
    for (const std::string& line : Generate(options, 20'000)) {
      if (json::parse(line)["action_result"] == "FAILURE") ++mistakes;
    }
    const auto most = 1 + 20'000 * interval / std::chrono::minutes(10);
    EXPECT_GE(mistakes, 1);
    EXPECT_LE(mistakes, most);
  }
}

TEST(TrafficMix, AnInsiderIsOneUserOnOneHostFromTheShellToTheRemovedLogs) {
  std::map<std::string, std::vector<std::string>> steps;
  std::set<std::string> finished;
  for (const std::string& line : Generate(OfMix("insider"), 20'000)) {
    const json event = json::parse(line);
    const std::string who =
        event["user_id"].get<std::string>() + "@" + event["server_hostname"].get<std::string>();
    const json& details = event["details"];
    if (details.value("command", "") == "/bin/bash") steps[who].emplace_back("shell");
    if (details.value("group", "") == "sudo") steps[who].emplace_back("account");
    if (details.value("resource", "") == "auditd.service") steps[who].emplace_back("auditd");
    if (details.value("command", "").starts_with("rm -rf /var/log")) finished.insert(who);
  }
  ASSERT_GT(finished.size(), 5U);
  for (const std::string& who : finished) {
    EXPECT_THAT(steps[who], testing::IsSupersetOf({"shell", "account", "auditd"})) << who;
  }
}

TEST(TrafficMix, TakesEffectWhileItRunsAndIsReproducible) {
  const auto run = [] {
    EventGenerator generator = EventGenerator::Create(OfMix("quiet_day")).value();
    std::string all;
    for (int i = 0; i < 500; ++i) all += generator.Next();
    const std::size_t quiet = all.size();
    generator.Use(FindTrafficMix("insider").value());
    for (int i = 0; i < 3000; ++i) all += generator.Next();
    EXPECT_EQ(all.substr(0, quiet).find("auditd"), std::string::npos);
    EXPECT_NE(all.find("auditd", quiet), std::string::npos);
    return all;
  };
  EXPECT_EQ(run(), run());
}

TEST(EventGenerator, SaysOfAnEventWhatStandsInIt) {
  EventGenerator generator = EventGenerator::Create({}).value();
  for (int i = 0; i < 100; ++i) {
    std::string line;
    const EventFacts facts = generator.AppendNextAt(Timestamp(), line);
    const json event = json::parse(line);
    EXPECT_EQ(event["event_id"], facts.event_id.ToString());
    EXPECT_EQ(event["event_type"], facts.event_type);
    EXPECT_EQ(event["server_hostname"], facts.server_hostname);
    EXPECT_EQ(event["action_result"], facts.action_result);
  }
}

TEST(EventGenerator, WrongOptionsAreNamed) {
  const auto message = [](const EventGeneratorOptions& options) {
    const auto generator = EventGenerator::Create(options);
    return generator ? std::string() : generator.error().message();
  };
  EXPECT_THAT(message({.only = {"user_logout"}}), HasSubstr("only: 'user_logout'"));
  EXPECT_THAT(message({.scenario_rate = 1.5}), HasSubstr("scenario_rate"));
  EXPECT_THAT(message({.scenario_rate = -0.1}), HasSubstr("scenario_rate"));
  EXPECT_THAT(message({.interval = Duration(-1)}), HasSubstr("interval"));
  EXPECT_THAT(message({.source_service = "a\"b"}), HasSubstr("source_service"));
}

}  // namespace
}  // namespace auditflow::generate
