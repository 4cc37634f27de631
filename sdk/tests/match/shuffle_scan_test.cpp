#include "src/match/shuffle_scan.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"

#include "src/match/case_fold.hpp"

namespace auditflow::match {
namespace {

constexpr std::uint8_t kCaseBit = 0x20;

using Targets = std::set<std::uint32_t>;

/// Needles and a scan for them.
class Scan {
 public:
  explicit Scan(const std::vector<std::string>& texts, std::uint8_t ignored = 0) {
    LiteralCounts counts;
    for (const std::string& text : texts) {
      counts.Add(text);
      needles_.push_back({text, false, false, static_cast<std::uint32_t>(needles_.size())});
    }
    std::vector<const Needle*> pointers;
    for (const Needle& needle : needles_) pointers.push_back(&needle);
    scan_ = ShuffleScan(pointers, counts, ignored);
  }

  /// In memory of exactly that size, for those who look for reads beyond it.
  template <bool kIgnoreAsciiCase = false>
  [[nodiscard]] Targets Found(std::string_view text) const {
    const std::unique_ptr<char[]> exact(new char[text.size()]);
    std::copy(text.begin(), text.end(), exact.get());
    Targets targets;
    const auto found = [&targets](std::uint32_t target) { targets.insert(target); };
    scan_.template Scan<kIgnoreAsciiCase>(std::string_view(exact.get(), text.size()), found);
    return targets;
  }
  template <bool kIgnoreAsciiCase = false>
  [[nodiscard]] Targets Expected(std::string_view text) const {
    std::string folded(text);
    if (kIgnoreAsciiCase) {
      std::transform(folded.begin(), folded.end(), folded.begin(), FoldAscii);
    }
    Targets targets;
    for (const Needle& needle : needles_) {
      if (folded.find(needle.text) != std::string::npos) targets.insert(needle.target);
    }
    return targets;
  }

 private:
  std::vector<Needle> needles_;
  ShuffleScan scan_;
};

class ShuffleScanTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!ShuffleScan::IsSupported()) GTEST_SKIP() << "this machine has not the instruction";
  }
};

TEST_F(ShuffleScanTest, FindsANeedleAtEveryPlaceOfTextsOfEveryLength) {
  for (const char* needle :
       {"abc", "abcd", "needle", "a needle longer than a block of 32 bytes."}) {
    const Scan scan({needle});
    const std::size_t length = std::strlen(needle);
    for (std::size_t size = 0; size <= 140; ++size) {
      EXPECT_EQ(scan.Found(std::string(size, '-')), Targets()) << size;
      // Cut off at either end it is not there.
      if (size >= length) {
        EXPECT_EQ(scan.Found(std::string(size - length + 1, '-') +
                             std::string(needle).substr(0, length - 1)),
                  Targets());
        EXPECT_EQ(scan.Found(std::string(needle).substr(1) + std::string(size - length + 1, '-')),
                  Targets());
      }
      for (std::size_t at = 0; at + length <= size; ++at) {
        std::string text(size, '-');
        text.replace(at, length, needle);
        ASSERT_EQ(scan.Found(text), Targets{0}) << needle << " at " << at << " of " << size;
      }
    }
  }
}

TEST_F(ShuffleScanTest, TakesNothingBehindTheTextForANulByteOfANeedle) {
  const Scan scan({std::string("ab\0", 3), std::string("\0\0\0", 3), std::string("b\0\0d", 4)});
  for (std::size_t size = 2; size <= 100; ++size) {
    EXPECT_EQ(scan.Found(std::string(size - 2, 'x') + "ab"), Targets()) << size;
    EXPECT_EQ(scan.Found(std::string(size - 2, 'x') + std::string("ab\0", 3)), Targets{0}) << size;
    EXPECT_EQ(scan.Found(std::string(size - 2, 'x') + std::string(2, '\0')), Targets()) << size;
  }
}

TEST_F(ShuffleScanTest, FindsWhatPlainSearchFinds) {
  const auto random = SeededRandom(20261128);
  const auto below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random->Below(bound));
  };
  const auto text_of = [&](std::size_t size, std::string_view letters) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += letters[below(letters.size())];
    return text;
  };
  std::size_t found = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string_view letters = round % 2 == 0 ? "ab" : "abc[{\x80\xA0\xFF\x10 ";
    const std::string_view cased = round % 2 == 0 ? "abAB" : "abcABC[{\x80\xA0\xFF\x10 ";
    std::vector<std::string> needles;
    for (std::size_t count = 1 + below(ShuffleScan::kMostNeedles); count > 0; --count) {
      needles.push_back(
          text_of(ShuffleScan::kShortestNeedle + below(round % 3 == 0 ? 40 : 4), letters));
    }
    const Scan scan(needles);
    const Scan caseless(needles, kCaseBit);
    for (int i = 0; i < 20; ++i) {
      std::string text = text_of(below(160), cased);
      if (below(2) == 0) text.insert(below(text.size() + 1), needles[below(needles.size())]);
      ASSERT_EQ(scan.Found(text), scan.Expected(text)) << text;
      ASSERT_EQ(caseless.Found<true>(text), caseless.Expected<true>(text)) << text;
      found += scan.Expected(text).size();
    }
  }
  EXPECT_GE(found, 1'000U);
}

TEST_F(ShuffleScanTest, ReportsEveryNeedleWithinAnother) {
  const Scan scan({"abc", "abcdef", "cde", "def", "bcd", "abcdefg"});
  const std::string text = std::string(31, '-') + "abcdef" + std::string(31, '-');
  EXPECT_EQ(scan.Found(text), (Targets{0, 1, 2, 3, 4}));
}

TEST(ShuffleScan, WithoutNeedlesIsEmpty) { EXPECT_TRUE(ShuffleScan().empty()); }

}  // namespace
}  // namespace auditflow::match
