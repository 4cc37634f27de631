#include "src/match/keyword_filter.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/event/event.hpp"

#include "src/match/atom_question.hpp"
#include "src/match/pattern.hpp"

namespace auditflow::match {
namespace {

/// A filter for keywords in Sigma's notation, anywhere in a leaf.
struct Keywords {
  AtomTable atoms;
  std::vector<AtomId> ids;

  explicit Keywords(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      Pattern pattern = ParsePattern(text);
      OpenStart(pattern);
      OpenEnd(pattern);
      ids.push_back(atoms.Intern(Atom{"", MatchesPattern{std::move(pattern)}}));
    }
  }

  [[nodiscard]] KeywordFilter Filter() const {
    LiteralCounts counts;
    return {ids, atoms, counts};
  }
  [[nodiscard]] bool Hold(const event::Event& event) const {
    for (const AtomId id : ids) {
      if (AtomHolds(atoms[id], nullptr, event)) return true;
    }
    return false;
  }
};

event::Event Parse(std::string_view json) {
  auto event = event::EventParser().Parse(json);
  EXPECT_TRUE(event.has_value()) << json;
  return event ? std::move(*event) : event::Event();
}

TEST(KeywordFilter, RulesOutEventsWithoutTheKeywords) {
  const KeywordFilter filter = Keywords({"sekurlsa::", "mimidrv.sys"}).Filter();
  EXPECT_FALSE(filter.MayHold(Parse(R"({"a": "nothing of the kind", "b": 5})").strings()));
  EXPECT_FALSE(filter.MayHold(Parse("{}").strings()));
  EXPECT_TRUE(filter.MayHold(Parse(R"({"a": ["x", "run SEKURLSA::logonpasswords"]})").strings()));
  EXPECT_TRUE(filter.MayHold(Parse(R"({"a": {"b": "C:\\mimiDrv.SYS"}})").strings()));
}

TEST(KeywordFilter, LetsEventsThroughWhoseLettersFoldToAscii) {
  const KeywordFilter filter = Keywords({"sekurlsa::"}).Filter();
  EXPECT_TRUE(filter.MayHold(Parse(R"({"a": "\u017fekurlsa::"})").strings()));
  EXPECT_TRUE(filter.MayHold(Parse(R"({"a": "se\u212aurlsa::"})").strings()));
}

TEST(KeywordFilter, RulesNothingOutWhereAKeywordMayBeInANumberOrIsShort) {
  for (const char* keyword : {"4625", "1.5e", "true", "als", "abc", "*"}) {
    const KeywordFilter filter = Keywords({keyword, "sekurlsa::"}).Filter();
    EXPECT_TRUE(filter.MayHold(Parse(R"({"a": "nothing"})").strings())) << keyword;
  }
}

TEST(KeywordFilter, LetsEveryEventThroughThatHoldsAKeyword) {
  const auto random = SeededRandom(7);
  const auto text = [&](std::size_t longest) {
    static constexpr std::string_view kPieces[] = {"a", "B",      "::",     "ss",   "ü",
                                                   "Ü", "k",      "K",      "\\\\", "x",
                                                   ".", "\u212a", "\u017f", "abcd", "ABCD"};
    std::string made;
    for (std::size_t i = random->Below(longest + 1); i > 0; --i) {
      made += kPieces[random->Below(std::size(kPieces))];
    }
    return made;
  };
  int held = 0;
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> keywords;
    for (std::size_t k = 1 + random->Below(4); k > 0; --k) keywords.push_back(text(4));
    const Keywords all(keywords);
    const event::Event event = Parse(R"({"k": ")" + text(20) + R"(", "l": [")" + text(20) +
                                     R"(", {"m": ")" + text(6) + R"("}], "n": 12})");
    if (!all.Hold(event)) continue;
    ++held;
    EXPECT_TRUE(all.Filter().MayHold(event.strings())) << event.raw();
  }
  EXPECT_GT(held, 300);
}

}  // namespace
}  // namespace auditflow::match
