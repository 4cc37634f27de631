// What rules see of a field that the logsource map finds elsewhere, makes, or gives other values.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// A rule per item, asked by both engines.
class FieldMap {
 public:
  FieldMap(std::string_view map, const std::vector<std::string>& items) {
    std::string rules;
    for (const std::string& item : items) {
      rules += "title: T\nlogsource: {product: windows}\ndetection: {s: " + item +
               ", condition: s}\n---\n";
    }
    options_.logsource_map = Load(map);
    rules_ = Load(rules);
    CompileResult compiled = RuleSet::Compile(*rules_, options_);
    EXPECT_THAT(compiled.diagnostics, IsEmpty());
    matcher_.emplace(std::move(compiled.rule_set));
  }

  std::vector<RuleIndex> Match(std::string_view json) {
    const auto event = parser_.Parse(json);
    EXPECT_TRUE(event) << event.error().ToString();
    const auto found = matcher_->Match(*event);
    std::vector<RuleIndex> matches(found.begin(), found.end());
    EXPECT_EQ(matches, MatchNaively(*event)) << "the engines disagree on " << json;
    return matches;
  }

  ExplainedItem Explain(std::string_view json, RuleIndex rule) {
    const auto event = parser_.Parse(json);
    EXPECT_TRUE(event) << event.error().ToString();
    const auto explanation = Explainer(*rules_, *event, options_).Explain(rule);
    EXPECT_TRUE(explanation);
    return *explanation->conditions[0].children[0].children[0].item;
  }

 private:
  std::vector<RuleIndex> MatchNaively(const event::Event& event) {
    const Explainer explainer(*rules_, event, options_);
    std::vector<RuleIndex> matches;
    for (RuleIndex rule = 0; rule < rules_->rules.detections.size(); ++rule) {
      const auto explanation = explainer.Explain(rule);
      EXPECT_TRUE(explanation);
      if (explanation && explanation->matches) matches.push_back(rule);
    }
    return matches;
  }

  CompileOptions options_;
  std::shared_ptr<const sigma::LinkedRules> rules_;
  event::EventParser parser_;
  std::optional<Matcher> matcher_;
};

/// A document of the map for events of this kind.
std::string Document(std::string_view fields, std::string_view kind = "{kind: x}") {
  return "title: D\nlogsource: {product: windows}\ndetection: {s: " + std::string(kind) +
         ", condition: s}\nauditflow: {fields: " + std::string(fields) + "}\n---\n";
}

std::string JsonList(std::string_view element, std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list.append(i == 0 ? "" : ",").append(element);
  return list + "]";
}

class ValueMapTest : public testing::Test {
 protected:
  FieldMap map_{Document("{Level: {from: [Label, data.Label], values: {S-1-16-12288: High, "
                         "'4': 'true'}}}"),
                {"{Level: High}", "{Level: S-1-16-12288}", "{Level: 'TRUE'}",
                 "{Level|endswith: igh}", "{Label: S-1-16-12288}", "{Level|re: '^Hi'}"}};
};

TEST_F(ValueMapTest, SaysWhatAValueOfAnotherFieldMeans) {
  for (int i = 0; i < 40; ++i) {  // also once the engine remembers values
    EXPECT_THAT(map_.Match(R"({"kind":"x","Label":"S-1-16-12288"})"), ElementsAre(0, 3, 4, 5));
    EXPECT_THAT(map_.Match(R"({"kind":"x","data":{"Label":"s-1-16-12288"}})"),
                ElementsAre(0, 3, 5));
    EXPECT_THAT(map_.Match(R"({"kind":"x","Label":4})"), ElementsAre(2));
  }
}

TEST_F(ValueMapTest, LeavesOtherValuesAndTheFieldsOwnAsTheyAre) {
  EXPECT_THAT(map_.Match(R"({"kind":"x","Label":"high"})"), ElementsAre(0, 3));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Label":"S-1-16-122888"})"), IsEmpty());
  EXPECT_THAT(map_.Match(R"({"kind":"x","Level":"S-1-16-12288","Label":"4"})"), ElementsAre(1));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Label":null})"), IsEmpty());
  EXPECT_THAT(map_.Match(R"({"kind":"y","Label":"S-1-16-12288"})"), ElementsAre());
}

TEST_F(ValueMapTest, TranslatesTheElementsOfArrays) {
  EXPECT_THAT(map_.Match(R"({"kind":"x","Label":[4,["S-1-16-12288"],{}]})"),
              ElementsAre(0, 2, 3, 4, 5));
  EXPECT_THAT(map_.Match(R"({"kind":"x","data":[{"Label":"b"},{"Label":["4"]}]})"), ElementsAre(2));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Label":[]})"), IsEmpty());
}

TEST_F(ValueMapTest, LeavesAFieldOfMoreThanAThousandValuesAsItIs) {
  const auto event = [](std::size_t count) {
    return R"({"kind":"x","data":{"Label":)" + JsonList("\"S-1-16-12288\"", count) + "}}";
  };
  EXPECT_THAT(map_.Match(event(1'000)), ElementsAre(0, 3, 5));
  EXPECT_THAT(map_.Match(event(1'001)), ElementsAre(1));
}

TEST_F(ValueMapTest, IsExplained) {
  const ExplainedItem item = map_.Explain(R"({"kind":"x","Label":"S-1-16-12288"})", 0);
  EXPECT_THAT(item.event_fields, ElementsAre("Label"));
  EXPECT_THAT(item.other_names, ElementsAre("Label", "data.Label"));
  ASSERT_EQ(item.event_values.size(), 1U);
  EXPECT_EQ(item.event_values[0].text, "S-1-16-12288");
  EXPECT_EQ(item.event_values[0].meaning, "High");
  ASSERT_TRUE(item.values.at(0).by);
  EXPECT_EQ(item.values[0].by->meaning, "High");
  EXPECT_EQ(map_.Explain(R"({"kind":"x","Label":"other"})", 0).event_values.at(0).meaning,
            std::nullopt);
}

TEST(ValueMap, OfTwoDocumentsAreKeptApart) {
  FieldMap map(
      Document("{L: {from: a, values: {x: one}}}") + Document("{L: {from: b, values: {x: two}}}"),
      {"{L|re: '^one$'}", "{L|re: '^two$'}", "{L|re|all: ['^t', 'o$']}", "{L: one}", "{L: two}"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(map.Match(R"({"kind":"x","a":"x","b":"x"})"), ElementsAre(0, 1, 2, 3, 4));
    EXPECT_THAT(map.Match(R"({"kind":"x","a":"x"})"), ElementsAre(0, 3));
    EXPECT_THAT(map.Match(R"({"kind":"x","b":"x"})"), ElementsAre(1, 2, 4));
  }
}

TEST(ValueMap, HoldsForFieldsThatAreComparedWithEachOther) {
  FieldMap map(Document("{L: {from: a, values: {x: one}}}"), {"{L|fieldref: b}"});
  EXPECT_THAT(map.Match(R"({"kind":"x","a":"x","b":"one"})"), ElementsAre(0));
  EXPECT_THAT(map.Match(R"({"kind":"x","a":"x","b":"x"})"), IsEmpty());
}

class FieldTextTest : public testing::Test {
 protected:
  FieldMap map_{Document(R"({User: {text: ['%Domain%\%Name%', '%d.Domain%\%d.Name%'], )"
                         "from: Name}}"),
                {R"({User: 'CORP\alice'})", R"({User|startswith: 'CORP\'})", "{User: alice}",
                 R"({User|re: '^CORP\\al'})", "{User|exists: false}"}};
};

TEST_F(FieldTextTest, PutsFieldsTogether) {
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":"corp","Name":"Alice"})"), ElementsAre(0, 1));
    EXPECT_THAT(map_.Match(R"({"kind":"x","d":{"Domain":"CORP","Name":"alice"}})"),
                ElementsAre(0, 1, 3));
    EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":"CORP","Name":7})"), ElementsAre(1));
  }
}

TEST_F(FieldTextTest, NeedsEveryPart) {
  EXPECT_THAT(map_.Match(R"({"kind":"x","Name":"alice"})"), ElementsAre(2));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":null,"Name":"alice"})"), ElementsAre(2));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":"CORP"})"), ElementsAre(4));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":"CORP","d":{"Name":"alice"}})"), ElementsAre(4));
  EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":{"a":1},"Name":"alice"})"), ElementsAre(2));
}

TEST_F(FieldTextTest, TakesTheFirstScalarOfAPart) {
  EXPECT_THAT(map_.Match(R"({"kind":"x","Domain":[null,{},["CORP"],"b"],"Name":["alice","c"]})"),
              ElementsAre(0, 1, 3));
  EXPECT_THAT(map_.Match(R"({"kind":"x","d":[{"Name":"alice"},{"Domain":"CORP","Name":"b"}]})"),
              ElementsAre(0, 1, 3));
}

TEST_F(FieldTextTest, TheFieldItselfWins) {
  EXPECT_THAT(map_.Match(R"({"kind":"x","User":"alice","Domain":"CORP","Name":"b"})"),
              ElementsAre(2));
}

TEST_F(FieldTextTest, IsBounded) {
  const auto event = [](std::size_t bytes) {
    return R"({"kind":"x","Domain":"CORP","Name":")" + std::string(bytes, 'a') + "\"}";
  };
  EXPECT_THAT(map_.Match(event(60'000)), ElementsAre(1));
  EXPECT_THAT(map_.Match(event(70'000)), IsEmpty());
}

TEST_F(FieldTextTest, IsExplained) {
  const ExplainedItem item = map_.Explain(R"({"kind":"x","Domain":"CORP","Name":"alice"})", 0);
  EXPECT_THAT(item.event_fields, ElementsAre(R"(%Domain%\%Name%)"));
  EXPECT_THAT(item.other_names,
              ElementsAre(R"(%Domain%\%Name%)", R"(%d.Domain%\%d.Name%)", "Name"));
  EXPECT_EQ(item.event_values.at(0).text, R"(CORP\alice)");
  EXPECT_TRUE(item.values.at(0).holds);
}

TEST(FieldTexts, MayMeanSomethingElse) {
  FieldMap map(Document("{Hash: {text: 'a=%A%,b=%B%', values: {'a=1,b=2': both}}}"),
               {"{Hash: both}", "{Hash|contains: b=}"});
  EXPECT_THAT(map.Match(R"({"kind":"x","A":1,"B":"2"})"), ElementsAre(0));
  EXPECT_THAT(map.Match(R"({"kind":"x","A":1,"B":"3"})"), ElementsAre(1));
}

TEST(InsteadOfAField, ItsOwnValuesDoNotCount) {
  FieldMap map(Document("{Initiated: {from: Direction, values: {out: 'true'}, instead: true}}"),
               {"{Initiated: 'true'}", "{Initiated: own}", "{Initiated|re: 'ow?n'}",
                "{Initiated: null}", "{Direction: out}"});
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(map.Match(R"({"kind":"x","Initiated":"own","Direction":"out"})"),
                ElementsAre(0, 4));
    EXPECT_THAT(map.Match(R"({"kind":"x","Direction":"out"})"), ElementsAre(0, 4));
    EXPECT_THAT(map.Match(R"({"kind":"x","Initiated":"own"})"), ElementsAre(1, 2));
    EXPECT_THAT(map.Match(R"({"kind":"x","Initiated":"own","Direction":null})"), ElementsAre(3));
    EXPECT_THAT(map.Match(R"({"kind":"x","x":{"y":1},"Initiated":["own","b"],"z":[]})"),
                ElementsAre(1, 2));
  }
}

TEST(InsteadOfAField, ItsOwnValuesMayMeanSomethingElse) {
  FieldMap map(Document("{User: {from: User, values: {S-1-5-18: SYSTEM}, instead: true}, "
                        "Account: {text: '%Account%@%Realm%', instead: true}}"),
               {"{User: SYSTEM}", "{User: S-1-5-18}", "{Account: a@b}", "{Account: a}"});
  EXPECT_THAT(map.Match(R"({"kind":"x","User":"S-1-5-18","Account":"a","Realm":"b"})"),
              ElementsAre(0, 2));
  EXPECT_THAT(map.Match(R"({"kind":"x","Account":"a"})"), ElementsAre(3));
}

TEST(InsteadOfAField, DoesNotChangeWhichLogAnEventIsOf) {
  const std::string fields = "{Tag: {from: Other, instead: true}, Tag2: {from: Other}}";
  // The map asks the very questions that the rules ask.
  FieldMap map(Document(fields, "{Tag: x}") + Document("{}", "{Tag|re: '^y'}") +
                   Document("{}", "{Tag2|re: '^y'}"),
               {"{Tag: x}", "{Tag|re: '^y'}", "{Tag: z}", "{Tag2|re: '^y'}"});
  EXPECT_THAT(map.Match(R"({"Tag":"x","Other":"yy"})"), ElementsAre(1, 3));
  EXPECT_THAT(map.Match(R"({"Tag":"x","Other":"z"})"), ElementsAre(2));
  EXPECT_THAT(map.Match(R"({"Tag":"yy","Other":"x"})"), ElementsAre(1));
}

TEST(InsteadOfAField, WinsOverADocumentThatOnlyFillsIn) {
  FieldMap map(Document("{A: {from: b, instead: true}}") + Document("{A: c}"),
               {"{A: own}", "{A: b}", "{A: c}"});
  EXPECT_THAT(map.Match(R"({"kind":"x","A":"own","b":"b","c":"c"})"), ElementsAre(1));
  EXPECT_THAT(map.Match(R"({"kind":"x","A":"own","c":"c"})"), ElementsAre(0));
  EXPECT_THAT(map.Match(R"({"kind":"x","b":"b","c":"c"})"), ElementsAre(1));
  EXPECT_THAT(map.Match(R"({"kind":"x","c":"c"})"), ElementsAre(2));
}

TEST(InsteadOfAField, HoldsForEveryField) {
  FieldMap map(Document("{'*': {from: 'data.*', values: {x: one}, instead: true}}"),
               {"{A: one}", "{A: own}"});
  EXPECT_THAT(map.Match(R"({"kind":"x","A":"own","data":{"A":"x"}})"), ElementsAre(0));
  EXPECT_THAT(map.Match(R"({"kind":"x","A":"own"})"), ElementsAre(1));
}

}  // namespace
}  // namespace auditflow::match
