#include "src/event/layout_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/event/layout_reader_probe.hpp"
#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

constexpr std::size_t kOffsets = 140;  // more than two blocks of 64 bytes

/// Three places for a value: of a key, in an array and in an object inside of one.
constexpr std::string_view kLayout = R"({"a":0,"b":[],"c":[{}],"z":{"last":0}})";
std::string InEachPlace(std::string_view value, int place) {
  const std::string text(value);
  return R"({"a":)" + (place == 0 ? text : "0") + R"(,"b":[)" + (place == 1 ? text + ",1" : "") +
         R"(],"c":[{"d":)" + (place == 2 ? text : "0") + R"(}],"z":{"last":true}})";
}

class LayoutReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!LayoutReader::IsSupported()) GTEST_SKIP() << "this machine has no AVX2";
    probe_.Learn(kLayout);
  }

  void ExpectReads(std::string_view value) {
    for (int place = 0; place < 3; ++place) {
      EXPECT_TRUE(probe_.Reads(InEachPlace(value, place))) << InEachPlace(value, place);
    }
  }
  void ExpectGivesUp(std::string_view value) {
    for (int place = 0; place < 3; ++place) {
      EXPECT_FALSE(probe_.Reads(InEachPlace(value, place))) << InEachPlace(value, place);
    }
  }
  /// Of a string, with its piece wherever it may stand among the blocks.
  void ExpectReadsEverywhere(std::string_view piece) {
    for (std::size_t offset = 0; offset < kOffsets; ++offset) {
      ExpectReads('"' + std::string(offset, 'x') + std::string(piece) + '"');
      ExpectReads('"' + std::string(offset, 'x') + std::string(piece) + "a longer rest\"");
    }
  }
  void ExpectGivesUpEverywhere(std::string_view piece) {
    for (std::size_t offset = 0; offset < kOffsets; ++offset) {
      ExpectGivesUp('"' + std::string(offset, 'x') + std::string(piece) + '"');
      // Whatever it gives up on in a value it has to in a key that stands in no layout.
      const std::string key = std::string(offset, 'x') + std::string(piece);
      ExpectGivesUp("[{\"" + key + "\":1}]");
    }
  }

  LayoutReaderProbe probe_;
};

TEST_F(LayoutReaderTest, KnowsNothingAtFirst) {
  LayoutReaderProbe probe;
  EXPECT_FALSE(probe.Reads("{}"));
  EXPECT_FALSE(probe.Reads(R"({"a":1})"));
}

TEST_F(LayoutReaderTest, ReadsTypicalEvents) {
  constexpr std::string_view kEvents[] = {
      R"({"event_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","timestamp":"2026-11-20T18:55:54Z",)"
      R"("details":{"ip_address":"192.168.1.150","n":[1,-2.50,1e3,null,true]},"ok":false})",
      R"({ "CommandLine" : "\"C:\\Windows\\cmd.exe\" /c \"dir\"", "User": "café \u20ac",)"
      "\r\n\t\"Hashes\" : [ { \"MD5\" : \"\" } , [ ] ] , \"Details\" : { } }\n"};
  for (const std::string_view event : kEvents) {
    probe_.Learn(event);
    EXPECT_TRUE(probe_.Reads(event)) << event;
  }
}

TEST_F(LayoutReaderTest, ReadsNoOtherLayout) {
  probe_.Learn(R"({"key":1,"k":{"key":2}})");
  EXPECT_TRUE(probe_.Reads(R"({"key":[],"k":{"key":""}})"));
  for (const char* other :
       {R"({"key":1})", R"({"key":1,"k":{}})", R"({"key":1,"k":2})", R"({"key":{},"k":{"key":2}})",
        R"({"key":1,"k":{"key":{}}})", R"({"key":1,"k":{"key":2},"x":3})",
        R"({"key":1,"k":{"key":2,"x":3}})", R"({"k":{"key":2},"key":1})",
        R"({"ke":1,"k":{"key":2}})", R"({"key1":1,"k":{"key":2}})", R"({"Key":1,"k":{"key":2}})",
        "{}", R"({"\u006bey":1,"k":{"key":2}})", R"({"key\"":1,"k":{"key":2}})", "[]", "1", ""}) {
    EXPECT_FALSE(probe_.Reads(other)) << other;
  }
}

TEST_F(LayoutReaderTest, DoesNotGoOnByOneLayoutInsideOfAnother) {
  probe_.Learn(R"({"k":{"l":1,"m":2}})");
  probe_.Learn(R"({"x":1})");
  EXPECT_FALSE(probe_.Reads(R"({"k":{"l":1},"x":1})"));
  EXPECT_FALSE(probe_.Reads(R"({"k":{},"x":1})"));
  EXPECT_FALSE(probe_.Reads(R"({"k":{"l":1,"m":2},"x":1})"));
}

TEST_F(LayoutReaderTest, ReadsKeysOfEveryLength) {
  for (std::size_t size = 0; size < kOffsets; ++size) {
    const std::string key(size, 'k');
    const std::string json = "{\"" + key + "\":0,\"" + key + "x\":{\"" + key + "\":\"\"}}";
    probe_.Learn(json);
    EXPECT_TRUE(probe_.Reads(json)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = json;
      other[2 + at] = 'l';
      EXPECT_FALSE(probe_.Reads(other)) << other;
    }
  }
}

TEST_F(LayoutReaderTest, TellsLayoutsApartThatBeginAlike) {
  const char* const kLayouts[] = {R"({"a":1,"b":2})",    R"({"a":1})",        R"({"a":1,"b":{}})",
                                  R"({"a":{"b":2}})",    R"({"a":1,"c":2})",  R"({"b":1})",
                                  R"({"a":1,"bb":"b"})", R"({"a":{},"b":""})"};
  for (const char* layout : kLayouts) probe_.Learn(layout);
  for (int round = 0; round < 2; ++round) {
    for (const char* layout : kLayouts) EXPECT_TRUE(probe_.Reads(layout)) << layout;
  }
}

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

TEST_F(LayoutReaderTest, ReadsArraysOfEverything) {
  for (const char* array :
       {"[]", "[[]]", "[{}]", "[[],[]]", "[{},{}]", "[1]", "[1,2.5,\"x\",true,false,null]",
        R"([{"a":1,"b":[{"c":{}}]},{"a":"","":""}])", R"([{"a":1,"a":2}])", R"([{"\u0061":"\n"}])",
        "[ [ ] , { } , [ 1 , 2 ] , { \"a\" : 1 , \"b\" : 2 } ]"}) {
    ExpectReads(array);
  }
}

TEST_F(LayoutReaderTest, ReadsArraysOfSomeDepth) {
  const auto nested = [](std::string_view open, std::string_view close, std::size_t depth) {
    return R"({"a":)" + Repeat(open, depth) + "[]" + Repeat(close, depth) +
           R"(,"b":0,"c":0,"z":{"last":0}})";
  };
  constexpr std::size_t kDeepest = LayoutReader::kDeepestInArray;
  EXPECT_TRUE(probe_.Reads(nested("[", "]", kDeepest - 1)));
  EXPECT_FALSE(probe_.Reads(nested("[", "]", kDeepest)));
  EXPECT_FALSE(probe_.Reads(nested("[", "]", 5'000)));
  EXPECT_TRUE(probe_.Reads(nested("[{\"k\":", "}]", (kDeepest - 1) / 2)));
  EXPECT_FALSE(probe_.Reads(nested("[{\"k\":", "}]", kDeepest / 2)));
}

TEST_F(LayoutReaderTest, ReadsAsManyKeysAsALayoutHas) {
  std::string flat;
  for (std::size_t i = 0; i < LayoutTree::kMostKeys; ++i) {
    flat += (i == 0 ? "{\"" : ",\"") + std::to_string(i) + "\":[]";
  }
  flat += '}';
  const std::string nested =
      Repeat("{\"k\":", LayoutTree::kMostKeys) + "{}" + std::string(LayoutTree::kMostKeys, '}');
  for (const std::string& json : {flat, nested}) {
    probe_.Learn(json);
    EXPECT_TRUE(probe_.Reads(json)) << json;
  }
  EXPECT_FALSE(probe_.Reads(flat.substr(0, flat.size() - 1) + ",\"x\":0}"));
  EXPECT_FALSE(probe_.Reads("{\"k\":" + nested + "}"));
  for (std::size_t missing = 1; missing <= LayoutTree::kMostKeys + 1; ++missing) {
    EXPECT_FALSE(probe_.Reads(nested.substr(0, nested.size() - missing), "}"));
  }
}

constexpr std::string_view kSample =
    "{\"a\":\"x \\\"\\u20ac\\\\\" ,\t\"b\":[-1.5e3,{\"k\" :null}],\n\"c\":12 , \"z\" : "
    "{\"last\":true}\r}";

TEST_F(LayoutReaderTest, TakesNothingBehindTheEndForAPartOfTheText) {
  ASSERT_TRUE(probe_.Reads(kSample));
  const std::string all(kSample);
  for (std::size_t size = 0; size < all.size(); ++size) {
    const std::string rest = all.substr(size);
    for (const std::string& behind :
         {rest, rest + "\",", " " + rest, std::string(1, '\0'), std::string("\""),
          std::string("]}}"), std::string("\"}}"), std::string("1"), std::string("\\"),
          std::string("\\u0041\"}"), std::string("["), std::string("{\""), std::string(","),
          std::string("1.5,")}) {
      ASSERT_FALSE(probe_.Reads(all.substr(0, size), behind)) << size << " and " << behind;
    }
  }
}

TEST_F(LayoutReaderTest, AcceptsNothingThatSimdjsonRefusesWhateverByteIsWrong) {
  for (std::size_t at = 0; at < kSample.size(); ++at) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string json(kSample);
      json.insert(at, 1, static_cast<char>(byte));
      (void)probe_.Reads(json);
      json.erase(at + 1, 1);
      (void)probe_.Reads(json);
    }
  }
}

TEST_F(LayoutReaderTest, ReadsWhiteSpaceOfAllKindsEverywhere) {
  std::string json;
  for (const std::string_view token :
       {"{", "\"a\"", ":", "-1", ",", "\"b\"", ":",     "[", "{", "\"k\"", ":", "true",
        "}", ",",     "[", "]",  "]", ",",     "\"c\"", ":", "{", "}",     "}"}) {
    json += " \t\n\r\n\t  ";
    json += token;
  }
  json += "\r\n";
  probe_.Learn(json);
  EXPECT_TRUE(probe_.Reads(json));
  EXPECT_TRUE(probe_.Reads(json, " "));
}

TEST_F(LayoutReaderTest, ReadsNothingBeyondThePadding) {
  for (std::size_t before = 0; before <= EventParser::kPadding; ++before) {
    for (const char* at_the_end : {"\\", "\\u", "\\u0", "\\u00", "\\u00e", "\\u00e9", "\\n", "\"",
                                   "\",", "1", "-", "tru", "k"}) {
      const std::string rest = std::string(EventParser::kPadding - before, 'x') + at_the_end;
      const std::string behind = rest.substr(0, EventParser::kPadding);
      for (const char* text :
           {"", " ", "{", "{\"", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":\"x", "{\"a\":\"\\",
            "{\"a\":\"\\u", "{\"a\":\"\\u00", "{\"a\":1", "{\"a\":[\"x", "{\"a\":[{\"x"}) {
        ASSERT_FALSE(probe_.Reads(text, behind)) << text << " and " << behind;
      }
    }
  }
  const std::string rest(EventParser::kPadding, 'x');
  for (const char* text : {"", "{", "{\"a\":1,", "{\"a\":1 , ", "{\"a\":[{\"x\":1,"}) {
    EXPECT_FALSE(probe_.Reads(text, "\"" + rest)) << text;
  }
  EXPECT_FALSE(probe_.Reads("{\"a\":-1", "1"));
}

TEST_F(LayoutReaderTest, WritesNothingBeyondTheSpaceItAsksFor) {
  probe_.Learn(R"({"":0})");
  for (std::size_t count = 0; count < 200; ++count) {
    for (const char* element :
         {"\"\",", "7,", "[],", "{},", "{\"\":", "\"\\u20ac\",", "\"x\",", "[[],\"\"],"}) {
      const std::string begin = "{\"\":[" + Repeat(element, count);
      for (const char* end : {"", "\"\"]}", "7]}", "\"", "\"x", "\"\\", "7", "[", "{\""}) {
        for (const char* behind : {"7,", "[", "\"\",", "x", "\\\"", "x\\u20ac"}) {
          (void)probe_.Reads(begin + end, behind);
        }
      }
    }
  }
}

}  // namespace
}  // namespace auditflow::event
