#include "src/api/html.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace auditflow::api {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max() / 2;

TEST(Escaped, TextStaysText) {
  const struct {
    std::string text;
    std::string expected;
  } cases[] = {
      {"plain ä 漢 🙂", "plain ä 漢 🙂"},
      {"<script>", "&lt;script&gt;"},
      {"\"' & &amp;", "&quot;&#39; &amp; &amp;amp;"},
      {"two\nlines\tand tab", "two\nlines\tand tab"},
      {std::string("nul\0bell\a", 9),
       "nul\xEF\xBF\xBD"
       "bell\xEF\xBF\xBD"},
      {"\xE2\x80\xAEgnp.exe", "\xEF\xBF\xBDgnp.exe"},
      {"broken \xC3(", "broken \xEF\xBF\xBD("},
  };
  for (const auto& c : cases) EXPECT_EQ(Escaped(c.text), c.expected);
}

TEST(PrettyJson, BreaksAndIndentsWithoutTouchingValues) {
  EXPECT_EQ(PrettyJson(R"({"a":1.50,"b":[true,{"c":"x,{}[]: \"\\"}],"d":{},"e":[ ]})", kNoLimit),
            "{\n  \"a\": 1.50,\n  \"b\": [\n    true,\n    {\n      \"c\": \"x,{}[]: \\\"\\\\\"\n"
            "    }\n  ],\n  \"d\": {},\n  \"e\": []\n}");
}

TEST(PrettyJson, PrintingItsOwnOutputChangesNothing) {
  const std::string once = PrettyJson(R"([[1,2],{"k":{"l":[]}},"s"])", kNoLimit);
  EXPECT_EQ(PrettyJson(once, kNoLimit), once);
}

TEST(PrettyJson, HoldsItsLimitForLongStringsAndDeepNesting) {
  constexpr std::size_t kLimit = 1000;
  constexpr std::size_t kSlack = 2 * 64 + 16;
  const std::string long_string = "{\"k\":\"" + std::string(100'000, 'x') + "\"}";
  EXPECT_LE(PrettyJson(long_string, kLimit).size(), kLimit + kSlack);
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_LE(PrettyJson(deep, kLimit).size(), kLimit + kSlack);
}

TEST(PrettyJson, AnyTextComesOutSomehow) {
  for (const char* text : {"", "\"", "\"\\", "}}}", "{", "[,", "\"a\":"}) {
    (void)PrettyJson(text, kNoLimit);
  }
}

}  // namespace
}  // namespace auditflow::api
