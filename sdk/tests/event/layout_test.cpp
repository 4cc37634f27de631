#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::event {
namespace {

std::uint64_t LayoutOf(EventParser& parser, std::string_view json) {
  const auto event = parser.Parse(json);
  EXPECT_TRUE(event.has_value()) << json;
  return event ? event->layout() : 0;
}

TEST(Layout, IsThatOfAnEarlierEventWithTheSameKeysInTheSameOrder) {
  EventParser parser;
  const std::uint64_t first = LayoutOf(parser, R"({"a": 1, "b": "x", "long enough a key": [1]})");
  EXPECT_NE(first, 0U);
  EXPECT_EQ(LayoutOf(parser, R"({"a":"y","b":null,"long enough a key":2.5})"), first);
}

TEST(Layout, TellsTheKeysOfObjectsWithinObjectsButNotInArrays) {
  EventParser parser;
  const std::uint64_t first = LayoutOf(parser, R"({"a": {"b": {}, "c": [{"d": 1}]}, "e": 1})");
  EXPECT_NE(first, 0U);
  EXPECT_EQ(LayoutOf(parser, R"({"a": {"b": {}, "c": [{"x": 1}, 2]}, "e": 1})"), first);
  EXPECT_EQ(LayoutOf(parser, R"({"a": {"b": {}, "c": "no array"}, "e": 1})"), first);
  for (const char* other :
       {R"({"a": {"b": {}, "c": {}}, "e": 1})", R"({"a": {"b": 1, "c": []}, "e": 1})",
        R"({"a": {"b": {"c": []}}, "e": 1})", R"({"a": {"b": {}, "c": [], "e": 1}})",
        R"({"a": {"b": {}, "d": []}, "e": 1})", R"({"a": {"b": {}}, "c": [], "e": 1})"}) {
    EXPECT_NE(LayoutOf(parser, other), first) << other;
  }
}

void ExpectMembers(const Event& event, Value object, std::size_t& next) {
  object.ForEachMember([&](std::string_view key, Value value) {
    ASSERT_LT(next, event.members().size()) << event.raw();
    EXPECT_EQ(event.members()[next++], value.index()) << key << " in " << event.raw();
    if (value.is_object()) ExpectMembers(event, value, next);
  });
}

TEST(Layout, ComesWithThePlacesOfAllMembers) {
  EventParser parser;
  for (int round = 0; round < 2; ++round) {
    for (const char* json : {R"({"a": 1, "b": "x", "c": [1, {"d": 2}], "e": null})",
                             R"({"a": 1.5, "b": 5, "c": true, "e": [[]]})",
                             R"({"a": {"b": {}, "c": {"d": 1}}, "e": 1})", R"({"a": {}, "b": {}})",
                             R"({"": 18446744073709551615, "z": -1})"}) {
      const auto event = parser.Parse(json);
      ASSERT_TRUE(event.has_value()) << json;
      ASSERT_NE(event->layout(), 0U) << json;
      std::size_t members = 0;
      ExpectMembers(*event, event->root(), members);
      EXPECT_EQ(members, event->members().size()) << json;
    }
  }
}

TEST(Layout, DiffersWithTheKeysTheirOrderAndTheirNumber) {
  EventParser parser;
  const std::uint64_t first = LayoutOf(parser, R"({"a": 1, "b": 2, "c": 3})");
  for (const char* other :
       {R"({"a": 1, "c": 3, "b": 2})", R"({"a": 1, "b": 2})", R"({"a": 1, "b": 2, "C": 3})",
        R"({"a": 1, "b": 2, "c": 3, "d": 4})", R"({"ab": 1, "": 2, "c": 3})", R"({"a": 1})"}) {
    EXPECT_NE(LayoutOf(parser, other), first) << other;
  }
}

TEST(Layout, IsNeverSharedByParsersThatHaveSeenDifferentKeys) {
  EventParser one;
  EventParser other;
  EXPECT_NE(LayoutOf(one, R"({"a": 1})"), LayoutOf(other, R"({"b": 1})"));
}

TEST(Layout, OfManyKeysOrOfNoneIsNotKnown) {
  EventParser parser;
  std::string many = R"({"k": 0)";
  for (int i = 0; i < 128; ++i) many += ", \"k" + std::to_string(i) + "\": 0";
  EXPECT_EQ(LayoutOf(parser, many + "}"), 0U);
  EXPECT_EQ(LayoutOf(parser, "{}"), 0U);
  EXPECT_EQ(LayoutOf(parser, R"({"a": 1, ")" + std::string(5000, 'x') + R"(": 2})"), 0U);
}

TEST(Layout, ThatIsKnownStillRefusesWhatAnyEventIsRefusedFor) {
  EventParser parser(ParseLimits{.max_bytes = 1000, .max_depth = 3, .max_keys = 6});
  EXPECT_NE(LayoutOf(parser, R"({"a": 1, "b": 2, "c": 3})"), 0U);
  EXPECT_NE(LayoutOf(parser, R"({"a": 1, "b": 2, "c": {"d": [1]}})"), 0U);
  for (const char* bad :
       {R"({"a": 1, "b": 2, "a": 3})", R"({"a": 1, "a": 2, "c": 3})",
        R"({"a": 1, "b": 2, "c": {"d": 1, "d": 2}})", R"({"a": 1, "b": 2, "c": [[[1]]]})",
        R"({"a": 1, "b": 2, "c": {"1": 1, "2": 2, "3": 3, "4": 4}})"}) {
    EXPECT_FALSE(parser.Parse(bad).has_value()) << bad;
  }
  EXPECT_NE(LayoutOf(parser, R"({"a": 1, "b": 2, "c": 3})"), 0U);
}

TEST(Layout, IsRightAmongMoreLayoutsThanAreRemembered) {
  EventParser parser;
  const auto random = SeededRandom(20261121);
  std::vector<std::uint64_t> layouts(500, 0);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t which = random->Below(layouts.size());
    std::string json = R"({"first": 1, "second": 2, "key)" + std::to_string(which) + R"(": 3})";
    const std::uint64_t layout = LayoutOf(parser, json);
    for (std::size_t other = 0; layout != 0 && other < layouts.size(); ++other) {
      if (other == which) continue;
      ASSERT_NE(layouts[other], layout);
    }
    layouts[which] = layout;
  }
}

void ExpectInStrings(const Event& event, Value value) {
  if (value.is_object()) {
    value.ForEachMember([&](std::string_view key, Value member) {
      EXPECT_NE(event.strings().find(key), std::string_view::npos) << event.raw();
      ExpectInStrings(event, member);
    });
  } else if (value.is_array()) {
    value.ForEachElement([&](Value element) { ExpectInStrings(event, element); });
  } else if (value.is_string()) {
    EXPECT_NE(event.strings().find(value.string_value()), std::string_view::npos) << event.raw();
  }
}

TEST(Strings, HoldEveryStringAndKeyWhereverTheLastOneStands) {
  EventParser parser;
  for (int round = 0; round < 2; ++round) {
    for (const char* json :
         {R"({"only key": 1})", R"({"a": "last value"})", R"({"a": ["x", "last element"]})",
          R"({"a": ["last element", 1, [], {}]})", R"({"a": {"b": {"last key": 5}}})",
          R"({"a": {"b": "escaped \" \\ \u20ac"}, "c": [1, 2]})",
          R"({"a": [{"b": "deep"}], "z": 0})", R"({"a": "", "": ""})",
          R"({"long": "0123456789012345678901234567890123456789"})"}) {
      const auto event = parser.Parse(json);
      ASSERT_TRUE(event.has_value()) << json;
      ExpectInStrings(*event, event->root());
    }
  }
  EXPECT_EQ(parser.Parse("{}")->strings(), "");
}

}  // namespace
}  // namespace auditflow::event
