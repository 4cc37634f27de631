#include "src/event/layout_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/event/layout_reader_fixture.hpp"
#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

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
