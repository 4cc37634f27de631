#include "auditflow/event/json_writer.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

TEST(AppendJson, WritesCompactlyAndDigitForDigit) {
  EXPECT_EQ(
      ToJson(MustParse("{ \"a\" : [ 1.50 , -0 , 1E+2, 0, 12 ] ,\n \"b\" : { } , \"c\":[ ],"
                       "\"d\":[[],{}],\"e\":{\"f\":null,\"g\":[true,false]} }")),
      R"({"a":[1.50,-0,1E+2,0,12],"b":{},"c":[],"d":[[],{}],"e":{"f":null,"g":[true,false]}})");
}

TEST(AppendJson, WritesAnyValueOfTheEvent) {
  const Event event = MustParse(R"({"a":{"b":[1,"x"]},"c":2.0})");
  std::string out = "> ";
  AppendJson(*event.root().Find("a"), event, out);
  AppendJson(*event.root().Find("c"), event, out);
  EXPECT_EQ(out, R"(> {"b":[1,"x"]}2.0)");
}

TEST(AppendJson, EscapesKeysAsWellAsValues) {
  EXPECT_EQ(ToJson(MustParse(R"({"k\n\"":"\u00e9\/"})")), R"({"k\n\"":"é/"})");
}

TEST(AppendJsonString, EscapesWhatJsonDemandsAndNothingElse) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(Quoted(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(Quoted("</script>=cmd|é😀"), "\"</script>=cmd|é😀\"");
}

// The Unicode standard's own example (section 3.9, table 3-8) and the ends of the ranges.
TEST(AppendJsonString, ReplacesEachMaximalPartOfABrokenSequence) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(Quoted("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
                   "A"),
            "\"" + r + r + r + r + r + r + r + r + "A\"");
  EXPECT_EQ(Quoted("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
                   "A"),
            "\"" + r + r + r + r + "A\"");
  EXPECT_EQ(Quoted("\xed\xa0\x80"), "\"" + r + r + r + "\"");
  EXPECT_EQ(Quoted("x\xff"), "\"x" + r + "\"");
  EXPECT_EQ(Quoted("\xf0\x9f\x98"), "\"" + r + "\"");
  EXPECT_EQ(Quoted("\xf4\x90\x80\x80"), "\"" + r + r + r + r + "\"");
}

TEST(AppendJsonString, IsReadBackByTheParser) {
  std::string text;
  for (int c = 0; c < 128; ++c) text.push_back(static_cast<char>(c));
  text += "é€😀";
  const Event event = MustParse("{\"a\":" + Quoted(text) + "}");
  EXPECT_EQ(event.root().Find("a")->string_value(), text);
}

}  // namespace
}  // namespace auditflow::event
