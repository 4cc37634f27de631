// What the engine remembers of events, layouts and values against what it finds out anew.
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
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

std::string Rule(std::string_view logsource, std::string_view item) {
  return "title: T\nlogsource: " + std::string(logsource) +
         "\ndetection: {s: " + std::string(item) + ", condition: s}\n---\n";
}

std::string Document(std::string_view logsource, std::string_view selection,
                     std::string_view fields = "{}") {
  return "title: D\nlogsource: " + std::string(logsource) +
         "\ndetection: {s: " + std::string(selection) +
         ", condition: s}\nauditflow: {fields: " + std::string(fields) + "}\n---\n";
}

std::vector<RuleIndex> Copy(std::span<const RuleIndex> found) {
  return {found.begin(), found.end()};
}

/// Rules and a map; one matcher and one parser that live as long as this, and the other ways to ask
/// about an event, which remember nothing.
class Engines {
 public:
  Engines(std::string_view rules, std::string_view map) : rules_(Load(rules)) {
    options_.logsource_map = Load(map);
    CompileResult compiled = RuleSet::Compile(*rules_, options_);
    EXPECT_THAT(compiled.diagnostics, IsEmpty());
    rule_set_ = std::move(compiled.rule_set);
    matcher_.emplace(rule_set_);
  }

  /// What the long-lived matcher finds; fails if the event is no JSON.
  std::vector<RuleIndex> Match(std::string_view json) {
    EXPECT_TRUE(parser_.ParseInto(json, event_).ok()) << json;
    return Copy(matcher_->Match(event_));
  }
  /// Of the event at hand, by the reference evaluator.
  [[nodiscard]] std::vector<RuleIndex> MatchNaively() const {
    const Explainer explainer(*rules_, event_, options_);
    std::vector<RuleIndex> matches;
    for (RuleIndex rule = 0; rule < rules_->rules.detections.size(); ++rule) {
      const auto explanation = explainer.Explain(rule);
      EXPECT_TRUE(explanation);
      if (explanation && explanation->matches) matches.push_back(rule);
    }
    return matches;
  }
  /// Likewise, by a parser and a matcher that have seen nothing before.
  [[nodiscard]] std::vector<RuleIndex> MatchAnew() const {
    const auto event = event::EventParser().Parse(event_.raw());
    EXPECT_TRUE(event);
    return Copy(Matcher(rule_set_).Match(*event));
  }
  /// Likewise, without a layout.
  [[nodiscard]] std::vector<RuleIndex> MatchWithoutLayout() {
    // A key that no rule asks about is long enough that the layout is not worth remembering.
    std::string json(event_.raw());
    json.insert(1, "\"" + std::string(5000, '_') + "\":0" + (json == "{}" ? "" : ","));
    const auto event = event::EventParser().Parse(json);
    EXPECT_TRUE(event && event->layout() == 0);
    return Copy(unlaid_matcher().Match(*event));
  }
  [[nodiscard]] const event::Event& event() const { return event_; }
  /// The field as the rules see it, in the event at hand, as text.
  [[nodiscard]] static std::optional<std::string> Text(std::optional<event::Value> value) {
    if (!value) return std::nullopt;
    if (value->is_string()) return std::string(value->string_value());
    return std::string(1, value->tag());
  }
  [[nodiscard]] std::optional<std::string> Mapped(std::string_view field) {
    return Text(matcher_->MappedValue(event_, field));
  }
  [[nodiscard]] std::optional<std::string> MappedAnew(std::string_view field) const {
    Matcher matcher(rule_set_);
    return Text(matcher.MappedValue(event_, field));
  }

 private:
  Matcher& unlaid_matcher() {
    if (!unlaid_matcher_) unlaid_matcher_.emplace(rule_set_);
    return *unlaid_matcher_;
  }

  CompileOptions options_;
  std::shared_ptr<const sigma::LinkedRules> rules_;
  std::shared_ptr<const RuleSet> rule_set_;
  event::EventParser parser_;
  event::Event event_;
  std::optional<Matcher> matcher_;
  std::optional<Matcher> unlaid_matcher_;
};

/// Rules of several logsources that ask about few fields in every way there is.
std::string RulesOfEachKind() {
  std::string rules;
  for (const char* logsource : {"{product: p}", "{product: p, service: one}", "{category: c}",
                                "{product: q}", "{product: p, category: c}", "{service: two}"}) {
    for (const char* item : {"{a: x}",
                             "{a|contains: y}",
                             "{a: null}",
                             "{a|exists: false}",
                             "{a|re: '^x+$'}",
                             "{a|gte: 2}",
                             "{a: 1}",
                             "{a: 'true'}",
                             "{a|fieldref: b}",
                             "{a|endswith: z}",
                             "{a: 0}",
                             "{a: '-0'}",
                             "{a: '1.0'}",
                             "{b: x}",
                             "{b|contains: y}",
                             "{b: null}",
                             "{n.a: x}",
                             "{n.a|re: 'x.?y'}",
                             "{n.a|exists: true}",
                             "{n.n.a: 1}",
                             "{n.n.a: null}",
                             "{User: 'x@y'}",
                             "{User|contains: '@'}",
                             "{User: null}",
                             "{Level: high}",
                             "{Level|re: '^lo'}",
                             "{Level: y}",
                             "{SpacedName: x}",
                             "{SpacedName: null}",
                             "{kind: null}",
                             "{kind|contains: k}",
                             "['xyxy']",
                             "{b|cidr: 10.0.0.0/8}",
                             "{b: 18446744073709551615}",
                             "{b: 9223372036854775807}",
                             "{'n.b': x}",
                             "{Wide|endswith: y}",
                             "{a|contains|all: [x, y]}",
                             "{a|neq: x}"}) {
      rules += Rule(logsource, item);
    }
  }
  return rules;
}

constexpr std::string_view kFields =
    "{User: {text: ['%a%@%b%', '%n.a%@%n.b%'], from: n.a}, "
    "Level: {from: [lvl, n.lvl, b], values: {x: high, '1': low, 'null': y}}}";

/// Asks of its own fields only, so that what it says is remembered.
std::string MapOfValues() {
  return Document("{product: p, service: one}", "{kind: k1}", kFields) +
         Document("{product: p, category: c}", "{kind: k2, lvl|startswith: 'x'}", kFields) +
         Document("{product: q}", "{kind: null}",
                  "{b: {from: a, instead: true}, a: {from: lvl, instead: true}}") +
         Document("{category: c}", "{kind: 1}",
                  "{'*': {from: 'n.*'}, a: {from: b, values: {x: y}, instead: true}}") +
         Document("{product: '%prod%', service: '%n.serv%'}", "{prod|exists: true}",
                  "{SpacedName: n.a}") +
         Document("{service: two}", "{kind|exists: false, lvl|re: '^x'}", "{Wide: n.b}") +
         Document("{product: p}", "{n.lvl|gt: 1}", "{}") +
         Document("{product: p}", "{lvl|contains: 'y'}", "{kind: lvl}");
}

/// Whose documents cannot be answered from values of their fields alone.
std::string MapOfKeywords() {
  return MapOfValues() + Document("{service: one, product: p}", "['xy']", "{b: lvl}") +
         Document("{category: c, product: p}", "{a|fieldref: lvl}", "{}");
}

/// Few layouts, each member of which gets a new value each time.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint64_t seed) : random_(SeededRandom(seed)) {
    for (std::string& layout : layouts_) layout = Layout(2);
  }

  std::string Next() {
    const std::string& layout = layouts_[Below(layouts_.size())];
    std::string json;
    for (const char c : layout) {
      if (c == '$') {
        json += Value();
      } else {
        json += c;
      }
    }
    return json;
  }

 private:
  std::string Layout(int depth) {
    static constexpr std::array<const char*, 16> kKeys = {
        "kind", "kind", "lvl", "lvl",         "a",          "b",    "n",    "n",
        "n.a",  "n.b",  "n.n", "Spaced Name", "SpacedName", "prod", "serv", "ot her"};
    std::string members;
    std::vector<std::string> keys;
    for (std::size_t count = 1 + Below(9); count > 0; --count) {
      const std::string key = kKeys[Below(kKeys.size())];
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      keys.push_back(key);
      const bool is_object = depth > 0 && Below(key == "n" ? 2 : 12) == 0;
      members += (members.empty() ? "\"" : ",\"") + key +
                 "\":" + (is_object ? Layout(depth - 1) : std::string("$"));
    }
    return "{" + members + "}";
  }

  std::string Value() {
    switch (Below(24)) {
      case 0:
        return "null";
      case 1:
        return Pick({"true", "false"});
      case 2:
        return Pick({"0", "-0", "1", "1.0", "-1", "2e0", "1.5", "10"});
      case 3:
        return Pick({"9223372036854775807", "9223372036854775808", "18446744073709551615",
                     "-9223372036854775808", "9223372036854775807.0", "0.0", "-0.0"});
      case 4:
        return "[]";
      case 5:
        return "[" + Value() + "," + Value() + "]";
      case 6:
        return "[{\"a\":" + Value() + ",\"lvl\":" + Value() + "},{\"n\":{\"a\":" + Value() + "}}]";
      case 7:
        return "[{\"b\":" + Value() + ",\"serv\":\"one\"}]";
      case 8:
        return "\"" + std::string(Below(3) == 0 ? 2000 : 1022 + Below(4), 'x') + "\"";
      case 9:
        return "\"v" + std::to_string(Below(100'000)) + Pick({"", "xy", "z"}) + "\"";
      case 10:
        return Pick({"\"10.1.2.3\"", "\"10.1.2.3 \"", "\"\"", "\"0\"", "\"-0\"", "\"null\""});
      default:
        return Pick({"\"x\"", "\"y\"", "\"xy\"", "\"k1\"", "\"k2\"", "\"p\"", "\"q\"", "\"one\"",
                     "\"two\"", "\"xxx\"", "\"X\"", "\"xyxy\"", "\"1\"", "\"true\"", "\"x@y\""});
    }
  }

  std::string Pick(std::initializer_list<const char*> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(Below(choices.size())));
  }
  std::size_t Below(std::size_t bound) { return random_->Below(bound); }

  std::unique_ptr<RandomSource> random_;
  std::array<std::string, 8> layouts_;
};

void ExpectAgreement(const std::string& map, std::uint64_t first_seed) {
  const std::string rules = RulesOfEachKind();
  constexpr std::uint64_t kSeeds = 5;
  constexpr int kEvents = 500;
  std::size_t matched = 0;
  std::size_t laid_out = 0;
  Engines engines(rules, map);
  for (std::uint64_t seed = first_seed; seed < first_seed + kSeeds; ++seed) {
    RandomEvents events(seed);
    for (int i = 0; i < kEvents; ++i) {
      const std::string json = events.Next();
      const std::vector<RuleIndex> found = engines.Match(json);
      matched += found.size();
      laid_out += engines.event().layout() == 0 ? 0U : 1U;
      ASSERT_EQ(found, engines.MatchWithoutLayout()) << "seed " << seed << ", " << json;
      // These two take far longer.
      if (i % 9 == 0) {
        ASSERT_EQ(found, engines.MatchNaively()) << "seed " << seed << ", " << json;
      }
      if (i % 19 == 0) {
        ASSERT_EQ(found, engines.MatchAnew()) << "seed " << seed << ", " << json;
        for (const char* field : {"a", "b", "User", "Level", "SpacedName", "kind", "none"}) {
          ASSERT_EQ(engines.Mapped(field), engines.MappedAnew(field)) << field << " of " << json;
        }
      }
    }
  }
  EXPECT_GE(matched, 10'000U) << "rules and events that never meet show nothing";
  EXPECT_GE(laid_out, kSeeds * kEvents * 9 / 10);
}

TEST(LayoutAgreement, OfRandomEventsWithFewLayoutsAndAMapThatAsksOfValues) {
  ExpectAgreement(MapOfValues(), 100);
}

TEST(LayoutAgreement, OfRandomEventsWithFewLayoutsAndAMapThatAsksOfMore) {
  ExpectAgreement(MapOfKeywords(), 200);
}

TEST(RememberedRoutes, AreNotSharedByNullAndAValue) {
  Engines engines(Rule("{product: p}", "{a: x}"), Document("{product: p}", "{kind: null}"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(engines.Match(R"({"kind":null,"a":"x"})"), ElementsAre(0));
    EXPECT_THAT(engines.Match(R"({"kind":"v","a":"x"})"), IsEmpty());
    EXPECT_THAT(engines.Match(R"({"kind":[null],"a":"x"})"), ElementsAre(0));
    EXPECT_THAT(engines.Match(R"({"kind":{},"a":"x"})"), IsEmpty());
    EXPECT_THAT(engines.Match(R"({"a":"x"})"), ElementsAre(0));
  }
}

}  // namespace
}  // namespace auditflow::match
