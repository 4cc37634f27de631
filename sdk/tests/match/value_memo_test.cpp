#include "src/match/value_memo.hpp"

#include <cstdint>
#include <optional>
#include <set>
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

/// An event with one value, and that value.
struct OneValue {
  explicit OneValue(const std::string& json) {
    EXPECT_TRUE(event::EventParser().ParseInto("{\"v\":" + json + "}", event).ok()) << json;
  }
  [[nodiscard]] event::Value value() const { return *event.root().Find("v"); }
  [[nodiscard]] std::optional<MemoKey> key() const { return MemoKey::Of(value()); }

  event::Event event;
};

bool AreEqual(const MemoKey& a, const MemoKey& b) {
  return a.kind_and_size == b.kind_and_size && a.bytes == b.bytes;
}

TEST(MemoKey, DiffersBetweenScalarsThatMayHaveDifferentAnswers) {
  std::vector<std::string> values = {
      "1", "-1", "2", "10", "9223372036854775807", "-9223372036854775808", "null", "true", "false"};
  for (const char* number : {"9223372036854775808", "18446744073709551615"}) {
    values.emplace_back(number);
  }
  const std::vector<std::string> bare = values;
  for (const std::string& value : bare) values.push_back('"' + value + '"');
  for (const char* text : {"", "X", "x", "x ", "1.0", "-0", "0", "abcdefgh", "abcdefgi"}) {
    values.push_back('"' + std::string(text) + '"');
  }
  // The bytes of the number 1 as a text.
  values.emplace_back(R"("\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000")");
  values.push_back('"' + std::string(MemoKey::kLongest, 'x') + '"');
  values.push_back('"' + std::string(MemoKey::kLongest - 1, 'x') + '"');
  for (const std::string& a : values) {
    for (const std::string& b : values) {
      const OneValue one(a);
      const OneValue other(b);
      ASSERT_TRUE(one.key() && other.key()) << a << b;
      EXPECT_EQ(AreEqual(*one.key(), *other.key()), a == b) << a << " and " << b;
      if (a == b) {
        EXPECT_EQ(one.key()->Hash(), other.key()->Hash()) << a;
      }
    }
  }
}

TEST(MemoKey, IsNoneOfWhatHasSeveralSpellingsOrIsNoScalarOrLong) {
  for (const std::string& json :
       {std::string("0"), std::string("-0"), std::string("1.0"), std::string("1e0"),
        std::string("-0.0"), std::string("[]"), std::string("[1]"), std::string("{}"),
        '"' + std::string(MemoKey::kLongest + 1, 'x') + '"'}) {
    EXPECT_FALSE(OneValue(json).key()) << json;
  }
}

/// A memo of texts, with what was found out about each.
class Memo {
 public:
  ValueMemo::Entry& Find(const std::string& text, std::vector<AtomId> atoms = {},
                         std::vector<RuleSlot> slots = {}) {
    const OneValue value('"' + text + '"');
    return memo.Find(*value.key(), [&](ValueMemo::Findings& findings) {
      EXPECT_THAT(findings.atoms, IsEmpty());
      EXPECT_THAT(findings.slots, IsEmpty());
      findings = {std::move(atoms), std::move(slots)};
      ++asked;
    });
  }

  ValueMemo memo;
  int asked = 0;
};

std::vector<std::uint32_t> Copy(std::span<const std::uint32_t> numbers) {
  return {numbers.begin(), numbers.end()};
}

TEST(ValueMemo, FindsOutOnceAndTellsEachFindingOnce) {
  Memo memo;
  memo.Find("x", {5, 3, 5}, {9, 9, 1});
  memo.Find("", {}, {2});
  const ValueMemo::Entry& entry = memo.Find("x", {7});
  EXPECT_THAT(Copy(entry.atoms()), ElementsAre(3, 5));
  EXPECT_THAT(Copy(entry.slots()), ElementsAre(1, 9));
  EXPECT_THAT(Copy(memo.Find("").atoms()), IsEmpty());
  EXPECT_THAT(Copy(memo.Find("").slots()), ElementsAre(2));
  EXPECT_EQ(memo.asked, 2);
}

TEST(ValueMemo, KeepsTextsAndFindingsOfAnySizeApart) {
  Memo memo;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t size = 0; size <= MemoKey::kLongest; size += size < 140 ? 1 : 61) {
      for (const std::size_t count : {size % 40, std::size_t{300}}) {
        std::vector<std::uint32_t> atoms(count);
        std::vector<std::uint32_t> slots(size % 7);
        for (std::size_t i = 0; i < atoms.size(); ++i) atoms[i] = static_cast<AtomId>(size + i);
        for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = static_cast<RuleSlot>(7 * i);
        const std::string text = std::string(size, 'x');
        const int asked = memo.asked;
        const ValueMemo::Entry& entry = memo.Find(text, atoms, slots);
        if (memo.asked == asked) continue;  // known from the count before
        EXPECT_EQ(Copy(entry.atoms()), atoms);
        EXPECT_EQ(Copy(entry.slots()), slots);
        EXPECT_EQ(Copy(memo.Find(text).atoms()), atoms);
      }
    }
  }
}

TEST(ValueMemo, TellsNothingFalseOfMoreValuesThanItRemembers) {
  Memo memo;
  std::set<std::uint64_t> serials;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const std::uint32_t number = i % 3 == 0 ? i % 30 : i;
    const int asked = memo.asked;
    ValueMemo::Entry& entry =
        memo.Find("value number " + std::to_string(number), {number}, {number + 1});
    ASSERT_THAT(Copy(entry.atoms()), ElementsAre(number));
    ASSERT_THAT(Copy(entry.slots()), ElementsAre(number + 1));
    // What replaced another value inherits neither its serial nor its answers.
    ASSERT_EQ(serials.insert(entry.serial()).second, memo.asked != asked);
    ASSERT_EQ(entry.LazyAnswer(0, [&] { return number % 2 == 0; }), number % 2 == 0);
  }
  EXPECT_LT(memo.asked, 5'000);
  EXPECT_FALSE(serials.contains(0));
}

TEST(ValueMemo, KeepsTheSerialAndTheLazyAnswersOfAValue) {
  Memo memo;
  const std::uint64_t serial = memo.Find("x").serial();
  EXPECT_TRUE(memo.Find("x").LazyAnswer(3, [] { return true; }));
  EXPECT_FALSE(memo.Find("x").LazyAnswer(4, [] { return false; }));
  EXPECT_NE(memo.Find("y").serial(), serial);
  EXPECT_EQ(memo.Find("x").serial(), serial);
  EXPECT_TRUE(memo.Find("x").LazyAnswer(3, [] { return false; }));
  EXPECT_FALSE(memo.Find("x").LazyAnswer(4, [] { return true; }));
}

TEST(ValueMemo, RemembersAValueThatRecursAmongOthers) {
  Memo memo;
  for (int i = 0; i < 2'000; ++i) {
    memo.Find("recurs");
    memo.Find("new " + std::to_string(i));
  }
  EXPECT_LT(memo.asked, 2'100);
}

TEST(ValueMemo, IsNotWorthAskingForAWhileAfterManyNewValues) {
  Memo memo;
  int asked = 0;
  for (int i = 0; i < 4'352; ++i) {
    if (!memo.memo.IsWorthAsking()) continue;
    memo.Find(std::to_string(i));
    ++asked;
  }
  EXPECT_EQ(asked, 256);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(memo.memo.IsWorthAsking());
    memo.Find("x");
  }
}

}  // namespace
}  // namespace auditflow::match
