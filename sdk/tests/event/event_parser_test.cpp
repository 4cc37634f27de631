#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"

#include "src/event/diagnose.hpp"
#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSample =
    R"({"event_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","n":[1,-2.50,{"k":null}],)"
    R"("t":true,"s":"caf\u00e9 \ud83d\ude00 \"q\" \\ \/","empty":{},"e":[]})";

TEST(EventParser, KeepsTheBytesAndReadsTheValues) {
  const Event event = MustParse(kSample);
  EXPECT_EQ(event.raw(), kSample);
  const Value root = event.root();
  EXPECT_EQ(root.type(), Type::kObject);
  EXPECT_EQ(root.Find("s")->string_value(), "café 😀 \"q\" \\ /");
  EXPECT_TRUE(root.Find("t")->bool_value());
  EXPECT_EQ(root.Find("e")->type(), Type::kArray);
  EXPECT_FALSE(root.Find("missing"));
  EXPECT_FALSE(root.Find("t")->Find("anything"));
}

TEST(EventParser, TakesWhiteSpaceAroundTheObjectOnly) {
  EXPECT_EQ(MustParse(" \t\r\n{\"a\" : 1 }\n ").raw(), " \t\r\n{\"a\" : 1 }\n ");
  EXPECT_EQ(ParseFault("\f{}").message(), "offset 0: byte 0x0c where an object is expected");
}

TEST(EventParser, IsRefusedWhenCutAtAnyByte) {
  const std::string sample = kSample;
  EventParser parser;
  Event event;
  for (std::size_t size = 0; size < sample.size(); ++size) {
    const Status status = parser.ParseInto(sample.substr(0, size), event);
    ASSERT_EQ(status.code(), StatusCode::kInvalidArgument) << size;
    ASSERT_THAT(status.message(), StartsWith("offset "));
    ASSERT_LE(std::stoul(status.message().substr(7)), size);
    ASSERT_EQ(event.raw(), "");
  }
  EXPECT_TRUE(parser.ParseInto(sample, event).ok());
}

struct Refused {
  std::string json;
  const char* message;
};

class EventFaults : public ::testing::TestWithParam<Refused> {};

TEST_P(EventFaults, NameOffsetAndReason) {
  const Status status = ParseFault(GetParam().json);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), GetParam().message);
  EXPECT_FALSE(status.retryable());
}

INSTANTIATE_TEST_SUITE_P(
    Structure, EventFaults,
    ::testing::Values(Refused{"", "offset 0: no JSON: the document is empty"},
                      Refused{" \n", "offset 2: no JSON: the document is empty"},
                      Refused{"[{}]", "offset 0: '[' where an object is expected"},
                      Refused{"\"text\"", "offset 0: '\"' where an object is expected"},
                      Refused{"42", "offset 0: '4' where an object is expected"},
                      Refused{"null", "offset 0: 'n' where an object is expected"},
                      Refused{"{", "offset 1: the text ends where a key or '}' is expected"},
                      Refused{"{\"a\"", "offset 4: the text ends where ':' is expected"},
                      Refused{"{\"a\":", "offset 5: the text ends where a value is expected"},
                      Refused{"{\"a\":1", "offset 6: the text ends where ',' or '}' is expected"},
                      Refused{"{\"a\":[1", "offset 7: the text ends where ',' or ']' is expected"},
                      Refused{"{\"a\":1,}", "offset 7: '}' where a key is expected"},
                      Refused{"{\"a\":[1,]}", "offset 8: ']' where a value is expected"},
                      Refused{"{,}", "offset 1: ',' where a key or '}' is expected"},
                      Refused{"{a:1}", "offset 1: 'a' where a key or '}' is expected"},
                      Refused{"{'a':1}", "offset 1: ''' where a key or '}' is expected"},
                      Refused{"{\"a\" 1}", "offset 5: '1' where ':' is expected"},
                      Refused{"{\"a\":1 \"b\":2}", "offset 7: '\"' where ',' or '}' is expected"},
                      Refused{"{\"a\":[1}", "offset 7: '}' where ',' or ']' is expected"},
                      Refused{"{\"a\":/*c*/1}", "offset 5: '/' where a value is expected"},
                      Refused{"{}}", "offset 2: trailing bytes after the object"},
                      Refused{"{}{}", "offset 2: trailing bytes after the object"},
                      Refused{"{\"a\":1}garbage", "offset 7: trailing bytes after the object"},
                      Refused{std::string("{}\0", 3), "offset 2: trailing bytes after the object"},
                      Refused{std::string("{\0}", 3),
                              "offset 1: byte 0x00 where a key or '}' is expected"}));

INSTANTIATE_TEST_SUITE_P(
    DuplicateKeys, EventFaults,
    ::testing::Values(Refused{R"({"a":1,"b":"x","a":2})", "offset 15: duplicate key \"a\""},
                      Refused{R"({"a":1,"\u0061":2})", "offset 7: duplicate key \"a\""},
                      Refused{R"({"":1,"":2})", "offset 6: duplicate key \"\""},
                      Refused{R"({"x":{"k":1,"k":1}})", "offset 12: duplicate key \"k\""},
                      Refused{R"({"x":[{},{"k":1,"k":1}]})", "offset 16: duplicate key \"k\""},
                      Refused{R"({"q\"":1,"q\u0022":1})", "offset 9: duplicate key \"q\\\"\""},
                      Refused{R"({"😀":1,"\ud83d\ude00":1})", "offset 10: duplicate key \"😀\""}));

INSTANTIATE_TEST_SUITE_P(
    Strings, EventFaults,
    ::testing::Values(
        Refused{"{\"a\":\"x", "offset 5: a string without an end"},
        Refused{"{\"a\":\"x\\\"}", "offset 5: a string without an end"},
        Refused{"{\"a\":\"x\\", "offset 7: the text ends in an escape"},
        Refused{"{\"a\":\"\\x41\"}", "offset 6: unknown escape in a string"},
        Refused{"{\"a\":\"\\u12g4\"}", "offset 6: \\u without four hexadecimal digits"},
        Refused{"{\"a\":\"\\uD800\"}", "offset 6: an unpaired high surrogate"},
        Refused{"{\"a\":\"\\uD800\\u0041\"}", "offset 6: an unpaired high surrogate"},
        Refused{"{\"a\":\"\\uD800\\uD800\"}", "offset 6: an unpaired high surrogate"},
        Refused{"{\"a\":\"\\uDC00\"}", "offset 6: an unpaired low surrogate"},
        Refused{"{\"\\uDC00\":1}", "offset 2: an unpaired low surrogate"},
        Refused{"{\"a\":\"x\ny\"}", "offset 7: control character 0x0a in a string"},
        Refused{"{\"a\":\"\t\"}", "offset 6: control character 0x09 in a string"},
        Refused{std::string("{\"a\":\"\0\"}", 9), "offset 6: control character 0x00 in a string"}));

INSTANTIATE_TEST_SUITE_P(
    Utf8, EventFaults,
    ::testing::Values(
        Refused{"\xef\xbb\xbf{}", "offset 0: a byte-order mark"},
        Refused{std::string("\xff\xfe{\0}\0", 6),
                "offset 0: a UTF-16 byte-order mark; events are UTF-8"},
        Refused{"\xfe\xff", "offset 0: a UTF-16 byte-order mark; events are UTF-8"},
        Refused{"{\"a\":\"\xc0\x80\"}", "offset 6: invalid UTF-8: byte 0xc0"},
        Refused{"{\"a\":\"\xe0\x80\x80\"}", "offset 6: invalid UTF-8: byte 0xe0"},
        Refused{"{\"a\":\"x\xed\xa0\x80\"}", "offset 7: invalid UTF-8: byte 0xed"},
        Refused{"{\"a\":\"\x80\"}", "offset 6: invalid UTF-8: byte 0x80"},
        Refused{"{\"a\":\"\xf4\x90\x80\x80\"}", "offset 6: invalid UTF-8: byte 0xf4"},
        Refused{"{\"a\":\"\xf8\x88\x80\x80\x80\"}", "offset 6: invalid UTF-8: byte 0xf8"},
        Refused{"{\"a\":\"\xe2\x82\"}", "offset 6: invalid UTF-8: byte 0xe2"},
        Refused{"{\"a\":\"\xff\"}", "offset 6: invalid UTF-8: byte 0xff"},
        Refused{"{\"\xff\":1}", "offset 2: invalid UTF-8: byte 0xff"},
        Refused{"{\"a\":\xc3\xa9}", "offset 5: byte 0xc3 where a value is expected"}));

INSTANTIATE_TEST_SUITE_P(
    Scalars, EventFaults,
    ::testing::Values(
        Refused{"{\"a\":tru}", "offset 5: neither true nor false nor null"},
        Refused{"{\"a\":nullx}", "offset 5: neither true nor false nor null"},
        Refused{"{\"a\":True}", "offset 5: 'T' where a value is expected"},
        Refused{"{\"a\":NaN}", "offset 5: 'N' where a value is expected"},
        Refused{"{\"a\":Infinity}", "offset 5: 'I' where a value is expected"},
        Refused{"{\"a\":-Infinity}", "offset 6: a digit is expected after the minus"},
        Refused{"{\"a\":+1}", "offset 5: '+' where a value is expected"},
        Refused{"{\"a\":01}", "offset 5: a number with a leading zero"},
        Refused{"{\"a\":.5}", "offset 5: '.' where a value is expected"},
        Refused{"{\"a\":1.}", "offset 7: a digit is expected after the decimal point"},
        Refused{"{\"a\":1e}", "offset 7: a digit is expected in the exponent"},
        Refused{"{\"a\":1e+}", "offset 8: a digit is expected in the exponent"},
        Refused{"{\"a\":0x1F}", "offset 6: a character that cannot be part of a number"},
        Refused{"{\"a\":1_000}", "offset 6: a character that cannot be part of a number"},
        Refused{"{\"a\":18446744073709551616}", "offset 5: an integer beyond 64 bits"},
        Refused{"{\"a\":-9223372036854775809}", "offset 5: an integer beyond 64 bits"},
        Refused{"{\"a\":1e999}", "offset 5: a number beyond the range of double"},
        Refused{"{\"a\":-1e309}", "offset 5: a number beyond the range of double"},
        Refused{"{\"a\":1e99999999999999999999}",
                "offset 5: a number beyond the range of double"}));

TEST(EventParser, KeepsIntegersExactly) {
  const Event event = MustParse(
      R"({"a":9007199254740993,"b":18446744073709551615,"c":-9223372036854775808,"d":9223372036854775808})");
  const Value root = event.root();
  EXPECT_EQ(root.Find("a")->type(), Type::kInt64);
  EXPECT_EQ(root.Find("a")->int64_value(), 9007199254740993);
  EXPECT_EQ(root.Find("b")->type(), Type::kUint64);
  EXPECT_EQ(root.Find("b")->uint64_value(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(root.Find("c")->int64_value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(root.Find("d")->uint64_value(), std::uint64_t{1} << 63U);
}

TEST(EventParser, RoundsNumbersBelowTheRangeOfDoubleToZero) {
  const Event event =
      MustParse(R"({"a":1e-400,"b":0e99999999999999999999,"c":1e-99999999999999999999})");
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(event.root().Find(key)->double_value(), 0.0);
}

TEST(EventParser, GivesNumbersAsTheyWereWritten) {
  const Event event = MustParse(
      R"({"9":"\"7\\","a":1.50,"b":1e3,"c":-0,"d":[-0.0,12,{"e":1E+2}],"f":18446744073709551615})");
  const Value root = event.root();
  EXPECT_EQ(event.NumberText(*root.Find("a")), "1.50");
  EXPECT_EQ(event.NumberText(*root.Find("b")), "1e3");
  EXPECT_EQ(event.NumberText(*root.Find("c")), "-0");
  EXPECT_EQ(event.NumberText(*root.Find("f")), "18446744073709551615");
  EXPECT_EQ(ToJson(event), event.raw());
}

TEST(EventParser, AcceptsTextOfEveryKind) {
  const Event event = MustParse(
      "{\"rtl\":\"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\",\"zw\":\"a\xe2\x80\x8b"
      "b\","
      "\"nul\":\"a\\u0000b\",\"max\":\"\xf4\x8f\xbf\xbf\",\"non\":\"\xef\xbf\xbf\"}");
  EXPECT_EQ(event.root().Find("nul")->string_value(), std::string_view("a\0b", 3));
  EXPECT_EQ(event.root().Find("max")->string_value(), "\xf4\x8f\xbf\xbf");
}

TEST(EventParser, TheSameKeyInDifferentObjectsIsFine) {
  MustParse(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})");
}

std::string ObjectOf(std::size_t keys, std::size_t length, std::size_t duplicate_of) {
  std::string json = "{";
  const auto add = [&](std::size_t number) {
    // Same ends, same length: what a cheap hash of the ends cannot tell apart.
    std::string name = std::to_string(number);
    name.insert(0, 8 - name.size(), '0');
    const std::string pad(length, 'x');
    json += (json.size() == 1 ? "\"" : ",\"") + pad + name + pad + "\":0";
  };
  for (std::size_t i = 0; i < keys; ++i) add(i);
  if (duplicate_of < keys) add(duplicate_of);
  return json + "}";
}

TEST(EventParser, FindsDuplicatesInObjectsOfEverySize) {
  for (const std::size_t keys : {1U, 2U, 31U, 63U, 64U, 65U, 100U, 1000U}) {
    for (const std::size_t length : {0U, 3U, 8U, 20U}) {
      EXPECT_TRUE(ParseFault(ObjectOf(keys, length, keys)).ok()) << keys;
      for (const std::size_t twin : {std::size_t{0}, keys / 2, keys - 1}) {
        const Status status = ParseFault(ObjectOf(keys, length, twin));
        EXPECT_THAT(status.message(), HasSubstr("duplicate key")) << keys << " " << length;
      }
    }
  }
}

TEST(EventParser, RefusesTheKeyBeyondTheLimit) {
  const ParseLimits limits{.max_keys = 100'000};
  EXPECT_TRUE(ParseFault(ObjectOf(100'000, 10, 100'000), limits).ok());
  const Status status = ParseFault(ObjectOf(100'001, 0, 200'000), limits);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "offset 1300001: more keys than the limit of 100000");
}

TEST(EventParser, CountsKeysOverAllObjects) {
  const ParseLimits limits{.max_keys = 3};
  EXPECT_TRUE(ParseFault(R"({"a":{"b":1},"c":[{}]})", limits).ok());
  EXPECT_EQ(ParseFault(R"({"a":{"b":1},"c":[{"d":1}]})", limits).message(),
            "offset 19: more keys than the limit of 3");
}

TEST(EventParser, RefusesWhatIsNestedTooDeeply) {
  for (const std::size_t depth : {std::size_t{64}, std::size_t{1'000}, std::size_t{100'000}}) {
    for (const bool arrays : {true, false}) {
      const std::string open = arrays ? "[" : "{\"a\":";
      const std::string close = arrays ? "]" : "}";
      const std::string json = "{\"a\":" + Repeat(open, depth) + "1" + Repeat(close, depth) + "}";
      const Status status = ParseFault(json);
      EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << depth;
      EXPECT_EQ(status.message(), "offset " + std::to_string(5 + 63 * open.size()) +
                                      ": nested deeper than the limit of 64");
      EXPECT_TRUE(ParseFault(json, {.max_depth = depth + 1, .max_keys = depth + 1}).ok());
      EXPECT_FALSE(ParseFault(Repeat(open, depth)).ok());
    }
  }
}

TEST(EventParser, AnEmptyContainerCountsAsALevel) {
  EXPECT_TRUE(ParseFault(R"({"a":[1]})", {.max_depth = 2}).ok());
  EXPECT_TRUE(ParseFault(R"({"a":[]})", {.max_depth = 2}).ok());
  for (const char* json : {R"({"a":[]})", R"({"a":{}})", R"({"a":[1]})"}) {
    EXPECT_EQ(ParseFault(json, {.max_depth = 1}).message(),
              "offset 5: nested deeper than the limit of 1");
  }
  EXPECT_EQ(ParseFault("{}", {.max_depth = 0}).code(), StatusCode::kResourceExhausted);
}

TEST(EventParser, TakesAStringOfTenMegabytes) {
  std::string text;
  text.resize(10'000'000, 'x');
  const Event event = MustParse("{\"a\":\"" + text + "\"}");
  EXPECT_EQ(event.root().Find("a")->string_value(), text);
}

TEST(EventParser, RefusesADocumentBeyondTheSizeLimitUnread) {
  const Status status = ParseFault(std::string(17, '\xff'), {.max_bytes = 16});
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "offset 16: the document has 17 bytes, more than the limit of 16");
  EXPECT_TRUE(ParseFault("{\"a\":\"0123456\"}", {.max_bytes = 15}).ok());
}

TEST(EventParser, ShowsOnlyTheStartOfALongDuplicateKey) {
  const std::string key = "\"" + std::string(1 << 20, 'k') + "\":1";
  EXPECT_LT(ParseFault("{" + key + "," + key + "}").message().size(), 200U);
}

TEST(EventParser, ParsesIntoAUsedEventAgain) {
  EventParser parser;
  Event event;
  EXPECT_TRUE(parser.ParseInto(R"({"a":1.5})", event).ok());
  EXPECT_EQ(event.NumberText(*event.root().Find("a")), "1.5");
  EXPECT_FALSE(parser.ParseInto("{", event).ok());
  EXPECT_EQ(event.raw(), "");
  EXPECT_TRUE(parser.ParseInto(R"({"bb":2.50})", event).ok());
  EXPECT_EQ(event.NumberText(*event.root().Find("bb")), "2.50");
}

TEST(EventParser, ReusesTheEventsMemory) {
  EventParser parser;
  Event event;
  ASSERT_TRUE(parser.ParseInto(kSample, event).ok());
  const char* const bytes = event.raw().data();
  const auto* const words = event.root().tape()->words;
  ASSERT_TRUE(parser.ParseInto(R"({"other":1})", event).ok());
  EXPECT_EQ(event.raw().data(), bytes);
  EXPECT_EQ(event.root().tape()->words, words);
}

TEST(EventParser, ParsesAnEventsOwnBytes) {
  EventParser parser;
  Event event = MustParse(R"({"a":{"b":1}})");
  ASSERT_TRUE(parser.ParseInto(event.raw().substr(5, 7), event).ok());
  EXPECT_EQ(event.raw(), R"({"b":1})");
}

TEST(Event, ValuesSurviveAMove) {
  Event event = MustParse(R"({"a":"text"})");
  const Value value = *event.root().Find("a");
  const Event moved = std::move(event);
  EXPECT_EQ(value.string_value(), "text");
  EXPECT_EQ(moved.root().Find("a")->index(), value.index());
  EventParser parser;
  EXPECT_TRUE(parser.ParseInto("{}", event).ok());  // NOLINT(bugprone-use-after-move): allowed
}

TEST(Diagnose, FindsNoFaultInWhatTheParserAccepts) {
  EXPECT_FALSE(Diagnose(kSample, {}));
  EXPECT_FALSE(Diagnose(ObjectOf(1000, 9, 1000), {}));
}

TEST(Diagnose, ReportsTheFirstFaultInTheOrderOfTheBytes) {
  EXPECT_EQ(Diagnose(R"({"a":1,"a":2,"b":tru})", {})->offset, 7U);
  EXPECT_EQ(Diagnose(R"({"b":tru,"a":1,"a":2})", {})->offset, 5U);
}

}  // namespace
}  // namespace auditflow::event
