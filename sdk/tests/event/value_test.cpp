#include "auditflow/event/value.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

using ::testing::ElementsAre;

TEST(Value, KnowsEveryType) {
  const Event event = MustParse(R"({"a":[null,true,false,-1,18446744073709551615,1.0,"s",[],{}]})");
  std::vector<Type> types;
  event.root().Find("a")->ForEachElement([&](Value v) { types.push_back(v.type()); });
  EXPECT_THAT(types, ElementsAre(Type::kNull, Type::kBool, Type::kBool, Type::kInt64, Type::kUint64,
                                 Type::kDouble, Type::kString, Type::kArray, Type::kObject));
}

TEST(Value, WalksMembersInTheOrderOfTheDocument) {
  const Event event = MustParse(R"({"z":1,"a":{"inner":2},"m":[1,2.5,[3]],"e":"x"})");
  std::vector<std::string> keys;
  event.root().ForEachMember([&](std::string_view key, Value) { keys.emplace_back(key); });
  EXPECT_THAT(keys, ElementsAre("z", "a", "m", "e"));
}

TEST(Value, AWalkStopsWhenTheVisitorSaysSo) {
  const Event event = MustParse(R"({"a":[1,2,3]})");
  int visited = 0;
  event.root().Find("a")->ForEachElement([&](Value) { return ++visited < 2; });
  EXPECT_EQ(visited, 2);
}

TEST(Value, EmptyContainersHaveNothingToWalk) {
  const Event event = MustParse(R"({"a":[],"b":{}})");
  event.root().Find("a")->ForEachElement([](Value) { FAIL(); });
  event.root().Find("b")->ForEachMember([](std::string_view, Value) { FAIL(); });
}

TEST(Value, FindsKeysByTheirUnescapedText) {
  const Event event = MustParse(R"({"a\u0000b":1,"":2,"\u00e9":3})");
  EXPECT_EQ(event.root().Find(std::string_view("a\0b", 3))->int64_value(), 1);
  EXPECT_EQ(event.root().Find("")->int64_value(), 2);
  EXPECT_EQ(event.root().Find("é")->int64_value(), 3);
  EXPECT_FALSE(event.root().Find("a"));
}

}  // namespace
}  // namespace auditflow::event
