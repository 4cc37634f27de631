// Which rules are asked of which events, by the logsource map.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/match/explain.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::match {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::shared_ptr<const sigma::LinkedRules> Load(std::string_view yaml) {
  sigma::LoadResult loaded = sigma::LoadText(yaml, "test.yml");
  EXPECT_FALSE(sigma::HasErrors(loaded.diagnostics)) << loaded.diagnostics[0].ToString();
  return std::make_shared<const sigma::LinkedRules>(sigma::Link(std::move(loaded.rules)).linked);
}

std::string Rule(std::string_view logsource, std::string_view condition = "{a: x}") {
  return "title: T\nlogsource: " + std::string(logsource) +
         "\ndetection: {s: " + std::string(condition) + ", condition: s}\n---\n";
}

constexpr std::string_view kMap = R"(
title: Security log
logsource: {product: windows, service: security}
detection: {s: {Channel: Security}, condition: s}
---
title: Process creation in the security log
logsource: {product: windows, category: process_creation, service: security}
detection: {s: {Channel: Security, EventID: 4688}, condition: s}
---
title: Stated by the event
logsource: {product: '%product%', service: '%service%'}
detection: {s: {product|exists: true}, condition: s}
)";

class RoutingTest : public testing::Test {
 protected:
  RoutingTest() {
    const auto rules =
        Load(Rule("{product: windows}") + Rule("{product: windows, service: security}") +
             Rule("{category: process_creation}") + Rule("{product: linux}") +
             Rule("{product: windows, service: security}", "[x]") +
             Rule("{product: windows}", "{b: null}"));
    CompileOptions options;
    options.logsource_map = Load(kMap);
    matcher_.emplace(RuleSet::Compile(*rules, options).rule_set);
  }

  std::vector<RuleIndex> Match(std::string_view json) {
    const auto event = parser_.Parse(json);
    EXPECT_TRUE(event) << event.error().ToString();
    const auto found = matcher_->Match(*event);
    return {found.begin(), found.end()};
  }

  event::EventParser parser_;
  std::optional<Matcher> matcher_;
};

TEST_F(RoutingTest, AsksARuleOfEventsThatHaveEachPartItNames) {
  EXPECT_THAT(Match(R"({"Channel":"Security","a":"x"})"), ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(Match(R"({"Channel":"Security","EventID":4688,"a":"x"})"),
              ElementsAre(0, 1, 2, 4, 5));
}

// Whatever is remembered of events with the same layout.
TEST(Routing, TellsNullFromOtherValuesOfOneField) {
  CompileOptions options;
  options.logsource_map = Load(std::string(kMap) + R"(---
title: Without a user
logsource: {product: linux}
detection: {s: {Channel: Syslog, user: null}, condition: s}
)");
  const auto rules =
      Load(Rule("{product: windows}", "{b: null}") +
           Rule("{product: windows}", "{c|exists: true}") + Rule("{product: linux}"));
  Matcher matcher(RuleSet::Compile(*rules, options).rule_set);
  event::EventParser parser;
  const auto match = [&](std::string_view json) {
    const auto event = parser.Parse(json);
    const auto found = matcher.Match(*event);
    return std::vector<RuleIndex>(found.begin(), found.end());
  };
  for (int round = 0; round < 600; ++round) {
    ASSERT_THAT(match(R"({"Channel":"Security","b":null})"), ElementsAre(0)) << round;
    ASSERT_THAT(match(R"({"Channel":"Security","b":1})"), IsEmpty()) << round;
    ASSERT_THAT(match(R"({"Channel":"Security","b":{}})"), IsEmpty()) << round;
    ASSERT_THAT(match(R"({"Channel":"Security","c":null})"), ElementsAre(0, 1)) << round;
    ASSERT_THAT(match(R"({"Channel":"Syslog","user":null,"a":"x"})"), ElementsAre(2)) << round;
    ASSERT_THAT(match(R"({"Channel":"Syslog","user":"root","a":"x"})"), IsEmpty()) << round;
  }
}

TEST_F(RoutingTest, AsksNothingOfAnEventWithoutALogsource) {
  EXPECT_THAT(Match(R"({"a":"x"})"), IsEmpty());
}

TEST_F(RoutingTest, TakesPartsThatTheEventStatesItself) {
  EXPECT_THAT(Match(R"({"product":"linux","a":"x"})"), ElementsAre(3));
  EXPECT_THAT(Match(R"({"product":"windows","service":"security","b":1,"a":"x"})"),
              ElementsAre(0, 1, 4));
  EXPECT_THAT(Match(R"({"product":"mars","a":"x"})"), IsEmpty());
}

TEST_F(RoutingTest, TakesTheFirstScalarOfAPartThatIsAnArray) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Match(R"({"product":["linux"],"a":"x"})"), ElementsAre(3));
    EXPECT_THAT(Match(R"({"product":[null,{},["windows"],"linux"],"b":1,"a":"x"})"),
                ElementsAre(0));
    EXPECT_THAT(Match(R"({"product":[null,[]],"a":"x"})"), IsEmpty());
    EXPECT_THAT(Match(R"({"product":"linux","a":"x"})"), ElementsAre(3));
  }
}

TEST_F(RoutingTest, OneEventLeavesNothingBehindForTheNext) {
  EXPECT_THAT(Match(R"({"Channel":"Security","EventID":4688,"a":"x"})"),
              ElementsAre(0, 1, 2, 4, 5));
  EXPECT_THAT(Match(R"({"product":"linux","a":"y"})"), IsEmpty());
  EXPECT_THAT(Match(R"({"product":"linux","a":"x"})"), ElementsAre(3));
}

TEST_F(RoutingTest, ManyStatedLogsourcesStayRight) {
  for (int i = 0; i < 3000; ++i) {
    EXPECT_THAT(Match(R"({"a":"x","product":"p)" + std::to_string(i) + "\"}"), IsEmpty());
  }
  EXPECT_THAT(Match(R"({"product":"linux","a":"x"})"), ElementsAre(3));
}

}  // namespace
}  // namespace auditflow::match
