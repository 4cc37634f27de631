#include "src/match/layout_plan.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"

namespace auditflow::match {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LayoutPlanTest : public testing::Test {
 protected:
  LayoutPlanTest() {
    for (const char* name : {"a", "b", "n.a", "n.b", "n.n.a", "SpacedName"}) fields_.Add(name);
  }

  const event::Event& Parse(std::string_view json) {
    EXPECT_TRUE(parser_.ParseInto(json, event_).ok()) << json;
    EXPECT_NE(event_.layout(), 0U) << json;
    return event_;
  }

  /// The fields that a plan for the event tells, with the JSON type of what each has.
  std::vector<std::pair<std::string, char>> Told(std::string_view json) {
    LayoutPlans plans(fields_);
    const event::Event& event = Parse(json);
    const LayoutPlan* plan = plans.Find(event);
    std::vector<std::pair<std::string, char>> told;
    if (plan == nullptr) return told;
    for (FieldId field = 0; field < fields_.size(); ++field) {
      const std::uint32_t member = plan->MemberOf(field);
      if (member == LayoutPlan::kNowhere) continue;
      told.emplace_back(fields_.name(field),
                        event::Value(event.root().tape(), event.members()[member]).tag());
    }
    EXPECT_EQ(plan->places().size(), told.size());
    return told;
  }

  FieldIndex fields_;
  event::EventParser parser_;
  event::Event event_;
};

TEST_F(LayoutPlanTest, TellsWhereEachFieldStands) {
  EXPECT_THAT(Told(R"({"x":0,"b":"s","n":{"x":[],"a":1,"n":{"a":null}},"a":[{"a":2}]})"),
              ElementsAre(std::pair("a", '['), std::pair("b", '"'), std::pair("n.a", 'l'),
                          std::pair("n.n.a", 'n')));
  EXPECT_THAT(Told(R"({"x":0})"), IsEmpty());
  EXPECT_THAT(Told(R"({"n":{"a":{"a":0}},"a":{}})"),
              ElementsAre(std::pair("a", '{'), std::pair("n.a", '{')));
}

TEST_F(LayoutPlanTest, TheWholeNameWinsOverAPathAndTheNameOverOneWithSpaces) {
  EXPECT_THAT(Told(R"({"n":{"a":1,"b":2},"n.a":"s"})"),
              ElementsAre(std::pair("n.a", '"'), std::pair("n.b", 'l')));
  EXPECT_THAT(Told(R"({"Spaced Name":1})"), ElementsAre(std::pair("SpacedName", 'l')));
  EXPECT_THAT(Told(R"({"Spaced Name":1,"SpacedName":"s"})"),
              ElementsAre(std::pair("SpacedName", '"')));
  EXPECT_THAT(Told(R"({"Spaced  Name":1,"Spaced Name":"s"})"),
              ElementsAre(std::pair("SpacedName", 'l')));
}

TEST_F(LayoutPlanTest, FitsNoEventWithFieldsThatItsLayoutDoesNotTell) {
  LayoutPlans plans(fields_);
  for (int round = 0; round < 2; ++round) {
    for (const auto& [json, fits] :
         std::initializer_list<std::pair<const char*, bool>>{{R"({"n":1,"a":2})", true},
                                                             {R"({"n":[{"a":1}],"a":2})", false},
                                                             {R"({"n":[],"a":2})", false},
                                                             {R"({"n":null,"a":[{"a":1}]})", true},
                                                             {R"({"n":{"n":1}})", true},
                                                             {R"({"n":{"n":[{"a":1}]}})", false},
                                                             {R"({"n":{"a":[{"a":1}]}})", true}}) {
      EXPECT_EQ(plans.Find(Parse(json)) != nullptr, fits) << json;
    }
  }
}

TEST_F(LayoutPlanTest, IsTheSameForAllEventsOfALayoutAndThereIsNoneWithout) {
  LayoutPlans plans(fields_);
  const LayoutPlan* const plan = plans.Find(Parse(R"({"a":1,"n":{"b":2}})"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plans.Find(Parse(R"({"a":[3],"n":{"b":"x"}})")), plan);
  EXPECT_EQ(plan->layout(), event_.layout());
  ASSERT_TRUE(parser_.ParseInto("{}", event_).ok());
  EXPECT_EQ(plans.Find(event_), nullptr);
}

TEST_F(LayoutPlanTest, IsRightAmongMoreLayoutsThanAreRemembered) {
  LayoutPlans plans(fields_);
  for (int i = 0; i < 3'000; ++i) {
    const bool has_a = i % 3 == 0;
    const std::string json =
        "{\"x\":{\"k" + std::to_string(i) + "\":0}," + (has_a ? "\"a\":1}" : "\"b\":\"\"}");
    for (int round = 0; round < 2; ++round) {  // once more, or layouts are not worth asking for
      const LayoutPlan* const plan = plans.Find(Parse(json));
      ASSERT_NE(plan, nullptr);
      ASSERT_EQ(plan->MemberOf(*fields_.Find("a")), has_a ? 2 : LayoutPlan::kNowhere);
      ASSERT_EQ(plan->MemberOf(*fields_.Find("b")), has_a ? LayoutPlan::kNowhere : 2);
    }
  }
}

}  // namespace
}  // namespace auditflow::match
