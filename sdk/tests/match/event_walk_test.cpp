#include "src/match/event_walk.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::match {
namespace {

using testing::ElementsAre;

/// Where each value stands that is found of a field, with arrays opened, in order; a field that is
/// there without a value has an empty list.
using Places = std::map<std::string, std::vector<std::uint32_t>>;

void AppendOpened(event::Value value, std::vector<std::uint32_t>& places) {
  if (value.is_array()) {
    value.ForEachElement([&](event::Value element) { AppendOpened(element, places); });
  } else {
    places.push_back(value.index());
  }
}

Places ByWalk(EventWalk& walk, const FieldIndex& fields, const event::Event& event) {
  Places places;
  walk.Visit(event, [&](FieldId field, event::Value value) {
    AppendOpened(value, places[fields.name(field)]);
  });
  for (auto& [field, found] : places) std::sort(found.begin(), found.end());
  return places;
}

Places OneByOne(const FieldIndex& fields, const event::Event& event) {
  Places places;
  for (FieldId field = 0; field < fields.size(); ++field) {
    std::vector<std::uint32_t> found;
    const std::string& name = fields.name(field);
    if (!event::ForEachAt(event, name, [&](event::Value v) { AppendOpened(v, found); })) continue;
    std::sort(found.begin(), found.end());
    places[name] = found;
  }
  return places;
}

FieldIndex Fields(std::initializer_list<const char*> names) {
  FieldIndex fields;
  for (const char* name : names) fields.Add(name);
  return fields;
}

event::Event Parse(const std::string& json) {
  auto event = event::EventParser().Parse(json);
  EXPECT_TRUE(event.has_value()) << json << ": " << (event ? "" : event.error().ToString());
  return event ? std::move(*event) : event::Event();
}

TEST(FieldIndex, NumbersFieldsInTheOrderOfTheirFirstAddition) {
  FieldIndex fields;
  EXPECT_EQ(fields.Add("a.b"), 0U);
  EXPECT_EQ(fields.Add("a"), 1U);
  EXPECT_EQ(fields.Add("a.b"), 0U);
  EXPECT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields.name(0), "a.b");
}

TEST(FieldIndex, KnowsNoKeyThatNoFieldHas) {
  const FieldIndex fields = Fields({"a.b.c"});
  ASSERT_NE(fields.Find(0, "a"), nullptr);
  EXPECT_NE(fields.Find(0, "a.b.c"), nullptr);
  EXPECT_EQ(fields.Find(0, "b"), nullptr);
  EXPECT_EQ(fields.Find(0, ""), nullptr);
  EXPECT_EQ(fields.Find(0, "A"), nullptr);
}

struct WalkCase {
  const char* name;
  const char* json;
};

class EventWalkCases : public testing::TestWithParam<WalkCase> {};

TEST_P(EventWalkCases, FindsWhatALookUpOfEachFieldFinds) {
  const FieldIndex fields =
      Fields({"a", "a.b", "a.b.c", "b", "ThreatName", "a.ThreatName", ".", "a.", ".a", "a..b"});
  const event::Event event = Parse(GetParam().json);
  EventWalk walk(fields);
  EXPECT_EQ(ByWalk(walk, fields, event), OneByOne(fields, event));
}

INSTANTIATE_TEST_SUITE_P(
    Table, EventWalkCases,
    testing::Values(WalkCase{"Nothing", "{}"}, WalkCase{"Scalars", R"({"a": 1, "b": null})"},
                    WalkCase{"Path", R"({"a": {"b": {"c": 1}}})"},
                    WalkCase{"ExactKeyWins", R"({"a": {"b": 1}, "a.b": 2})"},
                    WalkCase{"ExactKeyWinsWhenItComesFirst", R"({"a.b": 2, "a": {"b": 1}})"},
                    WalkCase{"ExactNullKeyWins", R"({"a": {"b": 1}, "a.b": null})"},
                    WalkCase{"ExactEmptyArrayWins", R"({"a": {"b": 1}, "a.b": []})"},
                    WalkCase{"ArraysOnTheWay",
                             R"({"a": [{"b": 1}, {"x": 2}, 3, {"b": [4, [5]]}]})"},
                    WalkCase{"ArraysOfArrays", R"({"a": [[{"b": [[{"c": 1}]]}]]})"},
                    WalkCase{"EmptyContainers", R"({"a": {}, "b": []})"},
                    WalkCase{"Spaces", R"({"Threat Name": 1, "a": {"Threat  Name": 2}})"},
                    WalkCase{"ExactNameBeatsSpaces", R"({"Threat Name": 1, "ThreatName": 2})"},
                    WalkCase{"FirstSpacedNameCounts", R"({"Threat Name": 1, " ThreatName": 2})"},
                    WalkCase{"SpacesOnTheWay", R"({" a": {"b ": {"c": 7}}})"},
                    WalkCase{"SpacedWholeName", R"({"a. b": 1, "a": {"b": 2}})"},
                    WalkCase{"EmptyKeys", R"({"": {"": 1, "a": 2}, "a": {"": {"b": 3}, "b": 4}})"},
                    WalkCase{"DotKeys", R"({".": 1, "a.": 2, ".a": 3, "a..b": 4})"}),
    [](const auto& test) { return test.param.name; });

/// Few keys, so that names, paths and spaces collide in every way.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint64_t seed) : random_(SeededRandom(seed)) {}

  FieldIndex Fields() {
    FieldIndex fields;
    for (std::size_t i = 1 + Below(8); i > 0; --i) {
      std::string name = Pick({"a", "b", "c", "ab", ""});
      for (std::size_t depth = Below(3); depth > 0; --depth) {
        name += "." + Pick({"a", "b", "c", "ab", ""});
      }
      if (!name.empty()) fields.Add(name);
    }
    return fields;
  }

  std::string Object(int depth) {
    std::string members;
    std::vector<std::string> keys;
    for (std::size_t i = Below(6); i > 0; --i) {
      const std::string key = Pick({"a", "b", "c", " a", "a b", "ab", "a.b", "b.c", "a. b", "a.b.c",
                                    "", " ", "x", "x y", "ab.a", "a .b"});
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      keys.push_back(key);
      members += (members.empty() ? "\"" : ", \"") + key + "\": " + Value(depth);
    }
    return "{" + members + "}";
  }

 private:
  std::string Value(int depth) {
    if (depth > 0 && Below(2) == 0) return Object(depth - 1);
    if (depth > 0 && Below(3) == 0) {
      std::string items;
      for (std::size_t i = Below(4); i > 0; --i) {
        items += (items.empty() ? "" : ", ") + Value(depth - 1);
      }
      return "[" + items + "]";
    }
    return Pick({"1", "null", "\"text\"", "true", "1.5"});
  }

  std::string Pick(std::initializer_list<const char*> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(Below(choices.size())));
  }
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(random_->Below(bound)); }

  std::unique_ptr<RandomSource> random_;
};

TEST(EventWalk, FindsInRandomEventsWhatALookUpOfEachFieldFinds) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    RandomEvents events(seed);
    const FieldIndex fields = events.Fields();
    EventWalk walk(fields);  // one for all events, as a matcher has it
    for (int i = 0; i < 40; ++i) {
      const std::string json = events.Object(3);
      const event::Event event = Parse(json);
      const Places expected = OneByOne(fields, event);
      ASSERT_EQ(ByWalk(walk, fields, event), expected) << "seed " << seed << ": " << json;
      found += expected.size();
    }
  }
  EXPECT_GT(found, 4'000U) << "events without any of the fields show nothing";
}

TEST(ForEachScalar, VisitsEveryLeafInOrder) {
  const event::Event event = Parse(R"({"a": [1, {"b": "x", "c": []}], "d": {}, "e": null})");
  std::vector<event::Type> types;
  ForEachScalar(event.root(), [&](event::Value value) { types.push_back(value.type()); });
  EXPECT_THAT(types, ElementsAre(event::Type::kInt64, event::Type::kString, event::Type::kNull));
}

}  // namespace
}  // namespace auditflow::match
