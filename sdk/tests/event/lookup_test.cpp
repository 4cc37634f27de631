#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Found {
  bool present = false;
  std::vector<std::string> values;
};

Found At(const Event& event, std::string_view path) {
  Found found;
  found.present = ForEachAt(event, path, [&](Value value) {
    found.values.emplace_back();
    AppendJson(value, event, found.values.back());
  });
  return found;
}

TEST(ForEachAt, TheExactKeyWinsOverTheDottedPath) {
  const Event event = MustParse(R"({"a":{"b":1},"a.b":2})");
  EXPECT_THAT(At(event, "a.b").values, ElementsAre("2"));
  EXPECT_THAT(At(MustParse(R"({"a":{"b":1}})"), "a.b").values, ElementsAre("1"));
}

TEST(ForEachAt, AnArrayStandsForAllItsElements) {
  const Event event = MustParse(R"({"a":[{"b":1},[{"b":[2,[3]]}],"x",{"c":4},{"b":null}]})");
  EXPECT_THAT(At(event, "a.b").values, ElementsAre("1", "2", "3", "null"));
  EXPECT_THAT(At(event, "a.c").values, ElementsAre("4"));
}

TEST(ForEachAt, OpensArraysAndVisitsObjectsAsTheyAre) {
  const Event event = MustParse(R"({"a":[1,[],[[2]],{"b":[3]}]})");
  EXPECT_THAT(At(event, "a").values, ElementsAre("1", "2", R"({"b":[3]})"));
}

TEST(ForEachAt, PresentIsNotTheSameAsFull) {
  const Event event = MustParse(R"({"n":null,"e":"","a":[],"o":{},"l":[{}]})");
  EXPECT_TRUE(At(event, "n").present);
  EXPECT_TRUE(At(event, "e").present);
  EXPECT_TRUE(At(event, "a").present);
  EXPECT_THAT(At(event, "a").values, IsEmpty());
  EXPECT_THAT(At(event, "o").values, ElementsAre("{}"));
  for (const char* path : {"x", "a.x", "o.x", "l.x", "n.x", "e.x", "", ".", "n."}) {
    EXPECT_FALSE(At(event, path).present) << path;
  }
}

TEST(ForEachAt, AKeyWithSpacesAnswersToItsNameWithoutThem) {
  const Event event =
      MustParse(R"({"Threat Name":1,"Sub ject":{"User Name":2},"list":[{"A B":3}]})");
  EXPECT_THAT(At(event, "ThreatName").values, ElementsAre("1"));
  EXPECT_THAT(At(event, "Threat Name").values, ElementsAre("1"));
  EXPECT_THAT(At(event, "Subject.UserName").values, ElementsAre("2"));
  EXPECT_THAT(At(event, "list.AB").values, ElementsAre("3"));
  EXPECT_FALSE(At(event, "Threat").present);
  EXPECT_FALSE(At(event, "ThreatNames").present);
}

TEST(ForEachAt, TheExactKeyWinsOverTheOneWithSpaces) {
  const Event event = MustParse(R"({"Threat Name":1,"ThreatName":2})");
  EXPECT_THAT(At(event, "ThreatName").values, ElementsAre("2"));
}

TEST(ForEachAt, SpacesInTheRuleAreNotRemoved) {
  EXPECT_FALSE(At(MustParse(R"({"ThreatName":1})"), "Threat Name").present);
}

TEST(ForEachAt, NestingCostsNoCallStack) {
  constexpr std::size_t kDepth = 100'000;
  const std::string json =
      "{\"a\":" + Repeat("[", kDepth) + "{\"b\":7}" + Repeat("]", kDepth) + "}";
  const Event event = MustParse(json, {.max_depth = kDepth + 2});
  EXPECT_THAT(At(event, "a.b").values, ElementsAre("7"));
  EXPECT_EQ(ToJson(event), json);
}

TEST(TextAt, GivesTheFirstScalarAsText) {
  const Event event = MustParse(
      R"({"s":"x","n":1.50,"z":-0,"t":true,"f":false,"a":[null,{},"y"],"o":{},"e":[],"nul":null})");
  EXPECT_EQ(TextAt(event, "s"), "x");
  EXPECT_EQ(TextAt(event, "n"), "1.50");
  EXPECT_EQ(TextAt(event, "z"), "-0");
  EXPECT_EQ(TextAt(event, "t"), "true");
  EXPECT_EQ(TextAt(event, "f"), "false");
  EXPECT_EQ(TextAt(event, "a"), "y");
  for (const char* path : {"o", "e", "nul", "missing"}) {
    EXPECT_EQ(TextAt(event, path), std::nullopt) << path;
  }
}

}  // namespace
}  // namespace auditflow::event
