// EventParser::ParseInPlace: events whose bytes stay with the caller.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/event/guarded_bytes.hpp"
#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

constexpr std::string_view kSample =
    R"({"id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","n":[1,-2.50,{"k":null}],"t":true,)"
    R"("s":"caf\u00e9 \ud83d\ude00 \"q\" \\ \/","empty":{},"e":[],"last":{"z":12}})";

TEST(ParseInPlace, ReadsTheSameAsFromACopyAndRefusesTheSame) {
  GuardedBytes memory(4096);
  EventParser parser;
  Event in_place;
  Event copied;
  // Bytes that would complete what was cut off, too.
  for (const char padding : {'\0', ' ', '}', ']', '"', '1', ',', '\\', '\xFF', '\xA9'}) {
    for (std::size_t size = 0; size <= kSample.size(); ++size) {
      const std::string_view text = memory.Place(kSample.substr(0, size), padding);
      const Status status = parser.ParseInPlace(text, in_place);
      const Status expected = parser.ParseInto(text, copied);
      ASSERT_EQ(status.ToString(), expected.ToString()) << size << " and " << padding;
      ASSERT_EQ(status.ok(), size == kSample.size());
      ASSERT_EQ(in_place.raw(), copied.raw());
      if (status.ok()) {
        ASSERT_EQ(ToJson(in_place), ToJson(copied));
      }
    }
  }
}

TEST(ParseInPlace, IsNotCompletedByTheBytesBehindIt) {
  const std::string json(kSample);
  EventParser parser;
  Event event;
  std::string text = json + std::string(EventParser::kPadding, ' ');
  for (std::size_t size = 0; size < json.size(); ++size) {
    ASSERT_FALSE(parser.ParseInPlace(std::string_view(text).substr(0, size), event).ok()) << size;
    ASSERT_EQ(event.raw(), "");
  }
}

TEST(ParseInPlace, ReadsNothingBeyondThePaddingWhateverTheLength) {
  GuardedBytes memory(4096);
  EventParser parser;
  Event event;
  for (std::size_t size = 0; size < 300; ++size) {
    // The key shorter than a word at the very end, too.
    for (const std::string& json :
         {R"({"a":")" + std::string(size, 'x') + "\"}", "{\"" + std::string(size, 'k') + "\":7}",
          "{" + std::string(size, ' ') + "\"\":\"\"}",
          "{\"n\":1" + std::string(size % 200, '0') + ".5e-100}"}) {
      const std::string_view text = memory.Place(json, 'x');
      for (int round = 0; round < 2; ++round) {  // the second time of a known layout
        ASSERT_TRUE(parser.ParseInPlace(text, event).ok()) << json;
        ASSERT_EQ(ToJson(event).empty(), false);
      }
    }
  }
}

TEST(ParseInPlace, TheEventHoldsTheBytesOfTheCallerAlsoWhenMoved) {
  std::string text = R"({"a": 1.50, "b": "x"})";
  const std::size_t size = text.size();
  text.resize(size + EventParser::kPadding);
  EventParser parser;
  Event event;
  ASSERT_TRUE(parser.ParseInPlace(std::string_view(text).substr(0, size), event).ok());
  EXPECT_EQ(event.raw().data(), text.data());
  Event moved = std::move(event);
  EXPECT_EQ(moved.raw().data(), text.data());
  EXPECT_EQ(moved.raw().size(), size);
  EXPECT_EQ(moved.NumberText(*moved.root().Find("a")), "1.50");
  EXPECT_EQ(moved.members().size(), 2U);
  Event assigned = MustParse(R"({"other": true})");
  assigned = std::move(moved);
  EXPECT_EQ(assigned.root().Find("b")->string_value(), "x");
  EXPECT_EQ(TextAt(assigned, "a"), "1.50");
}

TEST(ParseInPlace, AnEventMayChangeBetweenBothKinds) {
  std::string text = R"({"a": 1.50})" + std::string(EventParser::kPadding, '"');
  const std::string_view json = std::string_view(text).substr(0, text.size() - 64);
  EventParser parser;
  Event event;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(parser.ParseInPlace(json, event).ok());
    EXPECT_EQ(TextAt(event, "a"), "1.50");
    ASSERT_TRUE(parser.ParseInto(R"({"b": 2.50, "a": 0.250})", event).ok());
    EXPECT_EQ(TextAt(event, "a"), "0.250");
    EXPECT_EQ(event.raw(), R"({"b": 2.50, "a": 0.250})");
    EXPECT_FALSE(parser.ParseInPlace(json.substr(1), event).ok());
    EXPECT_EQ(event.raw(), "");
  }
  // A document that the event itself holds.
  ASSERT_TRUE(parser.ParseInPlace(json, event).ok());
  ASSERT_TRUE(parser.ParseInto(event.raw(), event).ok());
  EXPECT_NE(event.raw().data(), text.data());
  text.assign(text.size(), '!');
  EXPECT_EQ(TextAt(event, "a"), "1.50");
}

TEST(ParseInPlace, RefusesNoBytesAtAll) {
  EventParser parser;
  Event event;
  EXPECT_EQ(parser.ParseInPlace({}, event).code(), StatusCode::kInvalidArgument);
}

TEST(ParseInPlace, RefusesWhatIsTooLongBeforeReadingIt) {
  EventParser parser(ParseLimits{.max_bytes = 10});
  Event event;
  EXPECT_EQ(parser.ParseInPlace(R"({"a": 1, "b": 2})", event).code(),
            StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace auditflow::event
