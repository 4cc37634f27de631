// LayoutReader: strings, numbers and words as values.
#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/event/layout_reader_fixture.hpp"

namespace auditflow::event {
namespace {

TEST_F(LayoutReaderTest, ReadsEveryRunOfBackslashesWhereverItStands) {
  for (std::size_t offset = 0; offset < kOffsets; ++offset) {
    for (std::size_t run = 0; run < kOffsets; ++run) {
      const std::string begin = std::string(offset, 'x') + std::string(run, '\\');
      for (const char* end : {"", "\"", "n", "n\\\\", "\\u0041", "u0041 ", "u00e9\\\"\\"}) {
        const std::string json = R"({"a":")" + begin + end + R"(","b":1,"c":2,"z":{"last":3}})";
        ASSERT_EQ(probe_.Reads(json), probe_.SimdjsonAccepts(json)) << json;
      }
    }
  }
}

TEST_F(LayoutReaderTest, ReadsEveryEscapeWhereverItStands) {
  for (const char* escape : {R"(\")",
                             R"(\\)",
                             R"(\/)",
                             R"(\b)",
                             R"(\f)",
                             R"(\n)",
                             R"(\r)",
                             R"(\t)",
                             R"(\u0000)",
                             R"(\u001f)",
                             R"(\u0022)",
                             R"(\u005C)",
                             R"(\u007f)",
                             R"(\u0080)",
                             R"(\u07fF)",
                             R"(\u0800)",
                             R"(\u20aC)",
                             R"(\uABCD)",
                             R"(\uabcd)",
                             R"(\ud7ff)",
                             R"(\ue000)",
                             R"(\uFFFF)",
                             R"(\n\u0041\\\"\u00e9)"}) {
    ExpectReadsEverywhere(escape);
  }
}

TEST_F(LayoutReaderTest, ReadsEveryCodePointUpTo16Bits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (unsigned value = 0; value < 0x10000; ++value) {
    const char digits[] = {kHex[value >> 12U], kHex[value >> 8U & 0xFU], kHex[value >> 4U & 0xFU],
                           kHex[value & 0xFU]};
    const std::string json =
        R"({"a":"\u)" + std::string(digits, 4) + R"(","b":0,"c":0,"z":{"last":0}})";
    ASSERT_EQ(probe_.Reads(json), value < 0xD800 || value >= 0xE000) << json;
  }
}

TEST_F(LayoutReaderTest, ReadsUtf8WhereverItStands) {
  for (const char* text : {"\x7f", "é", "€", "😀", "\xf4\x8f\xbf\xbf"}) ExpectReadsEverywhere(text);
}

TEST_F(LayoutReaderTest, GivesUpOnWhatIsNoString) {
  for (const char* piece : {R"(\x)",
                            R"(\U0041)",
                            R"(\')",
                            R"(\ )",
                            "\\\n",
                            "\\\xc3\xa9",
                            R"(\u)",
                            R"(\u1)",
                            R"(\u12g4)",
                            R"(\u 123)",
                            R"(\u+123)",
                            R"(\u-123)",
                            R"(\u0x1)",
                            R"(\u00\u0041)",
                            R"(\ud83d\ude00)",
                            R"(\ud800)",
                            R"(\uDFFF)",
                            "\xc3",
                            "\xa9",
                            "\xc0\x80",
                            "\xe2\x82",
                            "\xed\xa0\x80",
                            "\xf4\x90\x80\x80",
                            "\xff"}) {
    ExpectGivesUpEverywhere(piece);
  }
  for (char control = 0; control < ' '; ++control) {
    ExpectGivesUpEverywhere(std::string_view(&control, 1));
  }
}

TEST_F(LayoutReaderTest, ReadsNumbers) {
  for (const char* number : {"0",
                             "-0",
                             "1",
                             "-1",
                             "12345678901234567",
                             "999999999999999999",
                             "-999999999999999999",
                             "1000000000000000000",
                             "9223372036854775807",
                             "-9223372036854775807",
                             "-9223372036854775808",
                             "9223372036854775808",
                             "18446744073709551615",
                             "0.0",
                             "-0.0",
                             "0.1",
                             "1.5",
                             "-2.50",
                             "1e5",
                             "1E5",
                             "1e+5",
                             "1E-5",
                             "0e0",
                             "0e999",
                             "-0.0e-999",
                             "1e23",
                             "9007199254740993.0",
                             "0.30000000000000004",
                             "1.7976931348623157e308",
                             "1E+308",
                             "2.2250738585072014e-308",
                             "2.2250738585072011e-308",
                             "4.9e-324",
                             "123456789012345678901234567890.5",
                             "0.000000000000000000000000000000012345678901234567890"}) {
    ExpectReads(number);
  }
}

TEST_F(LayoutReaderTest, GivesUpOnWhatIsNoValue) {
  for (const char* text : {"",
                           "-",
                           "--1",
                           "+1",
                           "00",
                           "01",
                           "-01",
                           "-a",
                           ".5",
                           "1.",
                           "1.e",
                           "1.e5",
                           "1e",
                           "1e+",
                           "1E-",
                           "1x",
                           "1.5x",
                           "0x1",
                           "1e5.5",
                           "1 2",
                           "1-",
                           "1e400",
                           "-1e400",
                           "1E+400",
                           "18446744073709551616",
                           "-9223372036854775809",
                           "100000000000000000000",
                           "00000000000000000000",
                           "1000000000000000000x",
                           "t",
                           "tru",
                           "truE",
                           "truee",
                           "true1",
                           "true\"\"",
                           "fals",
                           "falsee",
                           "nul",
                           "nulll",
                           "True",
                           "NaN",
                           "Infinity",
                           "'a'",
                           "\"",
                           "\"a",
                           "a",
                           "/",
                           "//",
                           "\"a\"\"b\"",
                           "1\"\"",
                           "[",
                           "]",
                           "{",
                           "}",
                           ",",
                           ":",
                           "[1,]",
                           "[,]",
                           "[,1]",
                           "[1 2]",
                           "[1,,2]",
                           "[}",
                           "[1}",
                           "[[]",
                           "[{]",
                           "[{}",
                           "[{\"a\"}]",
                           "[{\"a\":}]",
                           "[{\"a\":1,}]",
                           "[{,}]",
                           "[{\"a\",1}]",
                           "[{\"a\" 1}]",
                           "[{a:1}]",
                           "[{1:1}]",
                           "[{\"a\":1:2}]",
                           "[{\"a\":1 \"b\":2}]",
                           "[{\"a\":1]]",
                           "[true false]",
                           "\v1",
                           "1\f"}) {
    ExpectGivesUp(text);
  }
  ExpectGivesUp(std::string_view("1\0", 2));
}

}  // namespace
}  // namespace auditflow::event
