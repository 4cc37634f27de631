// What needles that resemble each other cost in a text that is made of them.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "src/match/filed_needles.hpp"
#include "src/match/gram_scan.hpp"
#include "src/match/needle_table.hpp"

namespace auditflow::match {
namespace {

std::vector<Needle> Numbered(const std::vector<std::string>& texts) {
  std::vector<Needle> needles;
  for (const std::string& text : texts) {
    needles.push_back({text, false, false, static_cast<std::uint32_t>(needles.size())});
  }
  return needles;
}

std::vector<const Needle*> Pointers(const std::vector<Needle>& needles) {
  std::vector<const Needle*> pointers;
  for (const Needle& needle : needles) pointers.push_back(&needle);
  return pointers;
}

/// a, aa, aaa, … and the same with something behind that no text here has, or in the middle.
std::vector<std::string> Nested(std::size_t count, std::string_view middle = "") {
  std::vector<std::string> texts;
  for (std::size_t i = 1; i <= count; ++i) {
    texts.push_back(std::string(i, 'a') + std::string(middle) +
                    (middle.empty() ? "" : std::string(8, 'a')));
  }
  return texts;
}

struct Scanned {
  std::size_t reports = 0;
  std::set<std::uint32_t> targets;
};

Scanned ScanAll(const NeedleTable& table, std::string_view text) {
  Scanned scanned;
  table.Scan(text, [&](std::uint32_t target) {
    ++scanned.reports;
    scanned.targets.insert(target);
  });
  return scanned;
}

TEST(ScanBudget, IsLinearInTheTextAndSpentAtOnce) {
  ScanBudget budget(1'000);
  std::size_t paid = 0;
  while (paid < 100'000 && budget.Pay(10)) paid += 10;
  EXPECT_GE(paid, 4'000U);
  EXPECT_LE(paid, 10'000U);
  EXPECT_TRUE(budget.is_spent());
  EXPECT_FALSE(budget.Pay(1));
  ScanBudget large(1'000);
  EXPECT_FALSE(large.Pay(1'000'000'000));
  EXPECT_TRUE(large.is_spent());
}

TEST(NestedNeedles, AreReportedLinearlyInATextOfOneLetter) {
  constexpr std::size_t kNeedles = 3'000;
  constexpr std::size_t kText = 200'000;
  const NeedleTable table(Numbered(Nested(kNeedles)));
  const Scanned scanned = ScanAll(table, std::string(kText, 'a'));
  EXPECT_EQ(scanned.targets.size(), kNeedles);
  // Without a bound: 600 million.
  EXPECT_LE(scanned.reports, 100 * kText + kNeedles);
}

TEST(NestedNeedles, AreFoundExactlyAlsoWhenTheBudgetIsSpent) {
  std::vector<std::string> texts = Nested(600);
  for (const std::string& text : Nested(600, "b")) texts.push_back(text);
  for (const std::string& text : Nested(300, "bcb")) texts.push_back(text);
  for (const char* cheap : {"xyzw", "cheap needle", "aaab!", "wvu"}) texts.emplace_back(cheap);
  const std::vector<Needle> needles = Numbered(texts);
  const NeedleTable table(needles);
  const std::string many(6'000, 'a');
  for (const std::string& text :
       {many, many + "b" + many, "aaab!" + many, many + "xyzw", many + "b" + many + "cheap needle",
        std::string(300, 'a'), "wvu" + many + std::string(100, 'b') + "aaaaaaaabcbaaaaaaaa",
        many + "bcb" + std::string(7, 'a'), std::string(6'000, 'b')}) {
    const Scanned scanned = ScanAll(table, text);
    for (const Needle& needle : needles) {
      ASSERT_EQ(scanned.targets.contains(needle.target),
                text.find(needle.text) != std::string::npos)
          << needle.text << " in a text of " << text.size();
    }
  }
}

TEST(LongNeedles, AreComparedAFewTimesOnly) {
  // Each place of the text has the ends of them, and all but one byte in the middle.
  std::vector<std::string> texts;
  for (const char c : {'b', 'c', 'd'}) {
    texts.push_back(std::string(40'000, 'a') + c + std::string(40'000, 'a'));
  }
  texts.push_back(std::string(70'000, 'a'));
  const std::vector<Needle> needles = Numbered(texts);
  const std::vector<const Needle*> pointers = Pointers(needles);
  std::vector<FiledNeedles::Entry> entries;
  for (const Needle* needle : pointers) {
    entries.push_back({LoadWord<std::uint32_t>(needle->text.data()), 0, needle});
  }
  const FiledNeedles filed(std::move(entries));
  const std::string text =
      std::string(100'000, 'a') + "c" + std::string(100'000, 'a') + "d" + std::string(10, 'a');
  ScanBudget budget(text.size());
  std::set<std::uint32_t> found;
  std::size_t reports = 0;
  const auto count = [&](std::uint32_t target) {
    found.insert(target);
    ++reports;
  };
  std::size_t position = 0;
  for (; !budget.is_spent() && position + 4 <= text.size(); ++position) {
    filed.Report(LoadWord<std::uint32_t>(text.data() + position), text, position, budget, count);
  }
  EXPECT_TRUE(budget.is_spent());
  EXPECT_LT(position, 10'000U);  // each costs 625 units
  EXPECT_EQ(found, (std::set<std::uint32_t>{1, 3}));
  const std::size_t before = reports;
  filed.Report(LoadWord<std::uint32_t>("aaaa"), text, 0, budget, count);
  EXPECT_EQ(reports, before);
}

TEST(NestedNeedles, AreFoundInEitherCaseWhenTheBudgetIsSpent) {
  std::vector<std::string> texts;
  for (const std::string& text : Nested(400)) texts.push_back(text + "aaaa");
  texts.push_back(std::string(50, 'a') + "[b" + std::string(50, 'a'));
  for (int i = 0; i < 40; ++i) {
    texts.push_back(std::string(200, 'a') + "b" + std::to_string(i) + std::string(8, 'a'));
  }
  const std::vector<Needle> needles = Numbered(texts);
  const GramScan<std::uint32_t> scan(Pointers(needles), {}, 0x20202020);
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += i % 3 == 0 ? 'A' : 'a';
  text += "{B" + std::string(250, 'A') + "B7" + std::string(9, 'a');
  std::set<std::uint32_t> found;
  std::size_t reports = 0;
  const auto note = [&](std::uint32_t target) {
    found.insert(target);
    ++reports;
  };
  scan.Scan<true>(text, note);
  std::string folded = text;
  std::transform(folded.begin(), folded.end(), folded.begin(), FoldAscii);
  for (const Needle& needle : needles) {
    ASSERT_EQ(found.contains(needle.target), folded.find(needle.text) != std::string::npos)
        << needle.text;
  }
  EXPECT_LE(reports, 100 * text.size());
}

TEST(NestedNeedles, AreFoundEachInAShortTextWithoutSpendingTheBudget) {
  const std::vector<Needle> needles = Numbered(Nested(100));
  const NeedleTable table(needles);
  for (std::size_t size = 0; size < 110; ++size) {
    EXPECT_EQ(ScanAll(table, std::string(size, 'a')).targets.size(),
              std::min<std::size_t>(size, 100));
  }
}

}  // namespace
}  // namespace auditflow::match
