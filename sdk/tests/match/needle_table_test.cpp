#include "src/match/needle_table.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"

namespace auditflow::match {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Targets = std::set<std::uint32_t>;

Targets Scan(const NeedleTable& table, std::string_view text) {
  Targets found;
  table.Scan(text, [&](std::uint32_t target) { found.insert(target); });
  return found;
}

bool IsIn(const Needle& needle, std::string_view text) {
  if (needle.at_start && needle.at_end) return text == needle.text;
  if (needle.at_start) return text.starts_with(needle.text);
  if (needle.at_end) return text.ends_with(needle.text);
  return text.find(needle.text) != std::string_view::npos;
}

Targets Expected(const std::vector<Needle>& needles, std::string_view text) {
  Targets expected;
  for (const Needle& needle : needles) {
    if (IsIn(needle, text)) expected.insert(needle.target);
  }
  return expected;
}

/// Needles that may stand anywhere, numbered from 0.
std::vector<Needle> Anywhere(std::initializer_list<const char*> texts) {
  std::vector<Needle> needles;
  for (const char* text : texts) {
    needles.push_back({text, false, false, static_cast<std::uint32_t>(needles.size())});
  }
  return needles;
}

TEST(NeedleTable, WithoutNeedlesIsEmptyAndFindsNothing) {
  EXPECT_TRUE(NeedleTable().empty());
  EXPECT_TRUE(NeedleTable(std::vector<Needle>()).empty());
  EXPECT_THAT(Scan(NeedleTable(), "any text"), IsEmpty());
}

TEST(NeedleTable, AnyNeedleMakesItNotEmpty) {
  for (const char* text : {"a", "ab", "abc", "abcd", "a longer one"}) {
    EXPECT_FALSE(NeedleTable(Anywhere({text})).empty()) << text;
    EXPECT_FALSE(NeedleTable({Needle{text, false, true, 0}}).empty()) << text;
    EXPECT_FALSE(NeedleTable({Needle{text, true, false, 0}}).empty()) << text;
  }
}

TEST(NeedleTable, FindsOverlappingNeedlesAndThoseWithinOthers) {
  const NeedleTable table(
      Anywhere({"abcdef", "cdefgh", "bcde", "def", "d", "ef", "abcdefgh", "xyzw"}));
  EXPECT_THAT(Scan(table, "--abcdefgh--"), ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(NeedleTable, FindsEveryNeedleThatSharesItsWords) {
  const NeedleTable table(
      Anywhere({"powershell.exe", "powershell", "shell.exe", "powershell_ise"}));
  EXPECT_THAT(Scan(table, "c:\\powershell.exe"), ElementsAre(0, 1, 2));
  EXPECT_THAT(Scan(table, "powershell_ise.exe"), ElementsAre(1, 3));
}

TEST(NeedleTable, ReportsEachTargetOfOneText) {
  const NeedleTable table({Needle{"same text", false, false, 3},
                           Needle{"same text", false, false, 9},
                           Needle{"same text", true, false, 5}});
  EXPECT_THAT(Scan(table, "the same text"), ElementsAre(3, 9));
  EXPECT_THAT(Scan(table, "same text"), ElementsAre(3, 5, 9));
}

TEST(NeedleTable, AnchorsHoldAtTheirEndOnly) {
  for (const std::string text :
       {"x", "xy", "xyz", "xyzw", "xyzwv", "xyzwvuts", "xyzwvutsrqponmlkj"}) {
    const NeedleTable table({Needle{text, true, false, 0}, Needle{text, false, true, 1},
                             Needle{text, true, true, 2}, Needle{text, false, false, 3}});
    EXPECT_THAT(Scan(table, text), ElementsAre(0, 1, 2, 3)) << text;
    EXPECT_THAT(Scan(table, text + "_"), ElementsAre(0, 3)) << text;
    EXPECT_THAT(Scan(table, "_" + text), ElementsAre(1, 3)) << text;
    EXPECT_THAT(Scan(table, "_" + text + "_"), ElementsAre(3)) << text;
    EXPECT_THAT(Scan(table, text + text), ElementsAre(0, 1, 3)) << text;
    EXPECT_THAT(Scan(table, text.substr(1)), IsEmpty()) << text;
    EXPECT_THAT(Scan(table, ""), IsEmpty()) << text;
  }
}

TEST(NeedleTable, TakesAnyBytes) {
  const std::string nul("\0\0\0\0", 4);
  const NeedleTable table({Needle{nul, false, false, 0},
                           Needle{std::string(1, '\0'), true, false, 1},
                           Needle{"\xC3\xA4\xC3\xB6", false, false, 2},
                           Needle{"\xFF", false, false, 3}, Needle{"\xB6", false, true, 4}});
  EXPECT_THAT(Scan(table, std::string("a\0\0\0b", 5)), IsEmpty());
  EXPECT_THAT(Scan(table, std::string("a\0\0\0\0b", 6)), ElementsAre(0));
  EXPECT_THAT(Scan(table, std::string("\0", 1)), ElementsAre(1));
  EXPECT_THAT(Scan(table, "x\xC3\xA4\xC3\xB6"), ElementsAre(2, 4));
  EXPECT_THAT(Scan(table, "\xFF\xFF"), ElementsAre(3));
}

/// Few letters, so that needles and texts meet at every offset and share their words.
class RandomTexts {
 public:
  explicit RandomTexts(std::uint64_t seed) : random_(SeededRandom(seed)) {}

  std::string Text(std::size_t least, std::size_t most) {
    static constexpr std::string_view kLetters = "aab\xC3\xA4\\";
    std::string text(least + Below(most - least + 1), 'a');
    for (char& c : text) c = kLetters[Below(kLetters.size())];
    return text;
  }

  std::vector<Needle> Needles() {
    std::vector<Needle> needles(1 + Below(60));
    const std::size_t longest = 1 + Below(24);
    for (Needle& needle : needles) {
      needle.text = Text(1, longest);
      needle.at_start = Below(4) == 0;
      needle.at_end = Below(4) == 0;
      needle.target = static_cast<std::uint32_t>(Below(200));
    }
    return needles;
  }

  /// Now and then made of the needles themselves.
  std::string Haystack(const std::vector<Needle>& needles) {
    std::string text = Text(0, 30);
    for (std::size_t i = Below(4); i > 0; --i) {
      text += needles[Below(needles.size())].text + Text(0, 3);
    }
    return Below(2) == 0 ? text : needles[Below(needles.size())].text + text;
  }

 private:
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(random_->Below(bound)); }
  std::unique_ptr<RandomSource> random_;
};

TEST(NeedleTable, FindsWhatASearchForEachNeedleFinds) {
  std::size_t hits = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    RandomTexts texts(seed);
    const std::vector<Needle> needles = texts.Needles();
    const NeedleTable table(needles);
    for (int i = 0; i < 25; ++i) {
      const std::string text = texts.Haystack(needles);
      const Targets expected = Expected(needles, text);
      ASSERT_EQ(Scan(table, text), expected) << "seed " << seed << ", text " << text;
      hits += expected.size();
    }
  }
  EXPECT_GT(hits, 20'000U) << "texts that hold nothing show nothing";
}

TEST(NeedleTable, ReadsNothingBehindTheText) {
  // An exact allocation, so that a sanitizer sees a read beyond it.
  const NeedleTable table(Anywhere({"abcd", "bcdefghi", "ab", "c", "abcdefghijklmnopq"}));
  const std::string whole = "abcdefghijklmnopq";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<char> text(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view view(text.data(), text.size());
    EXPECT_EQ(Scan(table, view),
              Expected(Anywhere({"abcd", "bcdefghi", "ab", "c", "abcdefghijklmnopq"}), view));
  }
}

TEST(NeedleTable, HoldsThousandsOfNeedles) {
  std::vector<Needle> needles;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    needles.push_back({"needle " + std::to_string(i * 7919U), i % 5 == 0, i % 3 == 0, i});
  }
  const NeedleTable table(needles);
  for (const std::uint32_t i : {0U, 1U, 5U, 9U, 12345U, 19999U}) {
    EXPECT_EQ(Scan(table, needles[i].text), Expected(needles, needles[i].text));
    EXPECT_EQ(Scan(table, "a " + needles[i].text + " b"),
              Expected(needles, "a " + needles[i].text + " b"));
  }
}

}  // namespace
}  // namespace auditflow::match
