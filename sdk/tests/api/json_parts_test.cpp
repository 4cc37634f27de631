#include "src/api/json_parts.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow::api {
namespace {

using Texts = std::vector<std::string_view>;

TEST(CutArray, GivesEachElementWhateverIsInIt) {
  const std::string_view json =
      " [ {\"a\":\"]},\\\"[\"} , [1,[2]],\"x,y\",\r\nNaN,1e999 , {\"b\":Infinity} ] \n";
  const auto elements = CutArray(json, 100);
  ASSERT_TRUE(elements);
  EXPECT_EQ(elements->texts, (Texts{"{\"a\":\"]},\\\"[\"}", "[1,[2]]", "\"x,y\"", "NaN", "1e999",
                                    "{\"b\":Infinity}"}));
  EXPECT_FALSE(elements->more);
  EXPECT_TRUE(CutArray("[]", 1)->texts.empty());
}

TEST(CutArray, StopsAtTheMostThatItIsToGive) {
  const auto elements = CutArray("[1,2,3", 2);
  ASSERT_TRUE(elements);
  EXPECT_EQ(elements->texts, (Texts{"1", "2"}));
  EXPECT_TRUE(elements->more);
  EXPECT_FALSE(CutArray("[1,2]", 2)->more);
}

TEST(CutArray, WhatIsNoArrayIsNothing) {
  for (const std::string_view json :
       {"",      " ",     "{}",     "1",    "[",   "[1",    "[1,",         "[1,]",
        "[,1]",  "[1 2]", "[1]]",   "[1]x", "[{]", "[{]}]", "[{\"a\":\"]", "[\"\\\"]",
        "[1:2]", "]",     "\"[]\"", "[]{}"}) {
    EXPECT_FALSE(CutArray(json, 100)) << json;
  }
}

TEST(CutArray, DeepNestingNeedsNoStack) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  ASSERT_TRUE(CutArray(deep, 10));
  EXPECT_FALSE(CutArray(deep.substr(1), 10));
}

TEST(CutObject, GivesKeysAsTheyAreWritten) {
  const auto members = CutObject(R"({"a" : 1,"\u0062":{"x":[1,2]},"c":"}"})", 3);
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 3);
  EXPECT_EQ((*members)[0].key, "\"a\"");
  EXPECT_EQ((*members)[0].value, "1");
  EXPECT_EQ((*members)[1].key, "\"\\u0062\"");
  EXPECT_EQ((*members)[1].value, R"({"x":[1,2]})");
  EXPECT_EQ((*members)[2].value, "\"}\"");
  EXPECT_TRUE(CutObject("{}", 0)->empty());
}

TEST(CutObject, WhatIsNoObjectOrTooMuchIsNothing) {
  for (const std::string_view json :
       {"", "[]", "{", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1]", "{\"a\":1}}",
        "{\"a\":1 \"b\":2}", "{\"a:1}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}"}) {
    EXPECT_FALSE(CutObject(json, 3)) << json;
  }
}

}  // namespace
}  // namespace auditflow::api
