#include "auditflow/core/utf8.hpp"

#include <cstdint>
#include <ios>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow {
namespace {

constexpr const char* kReplaced = "\xEF\xBF\xBD";

TEST(Utf8, EveryCodePointIsReadBackAndSurrogatesAreNot) {
  for (char32_t c = 1; c <= 0x110000; c += c < 0x3000 ? 1 : 7) {
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      text = {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
              static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    const bool valid = (c < 0xD800 || c > 0xDFFF) && c <= 0x10FFFF;
    ASSERT_EQ(IsValidUtf8(text), valid) << std::hex << static_cast<std::uint32_t>(c);
    if (valid) {
      std::string appended;
      AppendUtf8(c, appended);
      ASSERT_EQ(appended, text);
      ASSERT_EQ(DecodeUtf8(text).code_point, c);
    }
  }
}

TEST(Utf8, AnInvalidSequenceIsReplacedOncePerMaximalSubpart) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"\x80", 1},
      {"\xC0\xAF", 2},
      {"\xE0\x80\xAF", 3},
      {"\xED\xA0\x80", 3},
      {"\xF4\x90\x80\x80", 4},
      {"\xE2\x82", 1},
      {"\xF0\x9F\x98", 1},
      {"\xFF\xFE", 2},
      {"\xC3", 1},
      {"\xF0\x80\x80\x80", 4},
  };
  for (const auto& [text, count] : cases) {
    std::string expected = "a";
    for (int i = 0; i < count; ++i) expected += kReplaced;
    EXPECT_EQ(ReplaceInvalidUtf8("a" + text + "b"), expected + "b");
  }
}

TEST(Utf8, ACutNeverSplitsACharacter) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(CutUtf8("\xF0\x9F\x98\x80z", 3), "");
  EXPECT_EQ(CutUtf8("\xF0\x9F\x98\x80z", 4), "\xF0\x9F\x98\x80");
}

}  // namespace
}  // namespace auditflow
