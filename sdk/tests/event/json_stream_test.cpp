#include "auditflow/event/json_stream.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Gives `text` in pieces of `piece` bytes and counts what was asked.
JsonStream::Source Pieces(std::string text, std::size_t piece) {
  return [text = std::move(text), piece, at = std::size_t{0}](
             char* out, std::size_t room) mutable -> Result<std::size_t> {
    const std::size_t size = std::min({room, piece, text.size() - at});
    text.copy(out, size, at);
    at += size;
    return size;
  };
}

std::vector<std::string> Read(const std::string& text, std::size_t piece,
                              JsonStreamOptions options = {}) {
  JsonStream stream(Pieces(text, piece), options);
  std::vector<std::string> items;
  while (const auto item = stream.Next()) {
    EXPECT_EQ(item->index, items.size());
    const std::string place = std::to_string(item->line) + ": ";
    if (!item->status.ok()) {
      items.push_back(place + "! " + item->status.message());
      continue;
    }
    EXPECT_EQ(text.substr(item->offset, item->text.size()), item->text);
    items.push_back(place + std::string(item->text));
  }
  EXPECT_FALSE(stream.Next());
  return items;
}

struct Cut {
  const char* name;
  std::string text;
  std::vector<std::string> items;
};

std::string NameOf(const ::testing::TestParamInfo<Cut>& info) { return info.param.name; }

class JsonStreams : public ::testing::TestWithParam<Cut> {};

TEST_P(JsonStreams, AreCutTheSameWayWhateverThePiecesAre) {
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{4096}}) {
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{16}, std::size_t{1} << 18U}) {
      EXPECT_EQ(Read(GetParam().text, piece, {.chunk_bytes = chunk}), GetParam().items)
          << piece << " " << chunk;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, JsonStreams,
    ::testing::Values(
        Cut{"Nothing", "", {}}, Cut{"OnlySpace", " \r\n\t\n", {}},
        Cut{"Lines", "{\"a\":1}\n{\"a\":2}\n", {"1: {\"a\":1}", "2: {\"a\":2}"}},
        Cut{"NoFinalLineFeed", "{\"a\":1}\n{\"a\":2}", {"1: {\"a\":1}", "2: {\"a\":2}"}},
        Cut{"CrLfAndBlankLines",
            "\r\n{\"a\":1} \r\n\r\n  \r\n{\"a\":2}\r\n",
            {"2: {\"a\":1}", "5: {\"a\":2}"}},
        Cut{"Mark", "\xef\xbb\xbf{\"a\":1}\n{}", {"1: {\"a\":1}", "2: {}"}},
        Cut{"Concatenated",
            "{\"a\":1}{\"b\":{}}  {}\n{}",
            {"1: {\"a\":1}", "1: {\"b\":{}}", "1: {}", "2: {}"}},
        Cut{"BracesInStrings",
            "{\"a\":\"}{\"}\n{\"b\":\"\\\"}{\"}\n{}\n",
            {"1: {\"a\":\"}{\"}", "2: {\"b\":\"\\\"}{\"}", "3: {}"}},
        Cut{"Pretty",
            "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}\n{\n}\n",
            {"1: {\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}", "8: {\n}"}},
        Cut{"PrettyWithoutIndentation",
            "{\n\"a\":\n{\n\"b\":1\n}\n}\n{\"c\":2}",
            {"1: {\n\"a\":\n{\n\"b\":1\n}\n}", "7: {\"c\":2}"}},
        Cut{"LineThatLooksWhole",
            "{\"a\":{\"x\":1}\n,\"b\":2}\n{}",
            {"1: {\"a\":{\"x\":1}\n,\"b\":2}", "3: {}"}}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Arrays, JsonStreams,
    ::testing::Values(
        Cut{"OneLine", "[{\"a\":1},{\"a\":2}]", {"1: {\"a\":1}", "1: {\"a\":2}"}},
        Cut{"Empty", "[]", {}},
        Cut{"Pretty",
            "[\n  {\n    \"a\": 1\n  },\n  {}\n]\n",
            {"2: {\n    \"a\": 1\n  }", "5: {}"}},
        Cut{"OnePerLine", "[\n{\"a\":1},\n{\"a\":2}\n]", {"2: {\"a\":1}", "3: {\"a\":2}"}},
        Cut{"ScalarsAndNestedArrays",
            "[1, \"x,]\", [{}], null]",
            {"1: 1", "1: \"x,]\"", "1: [{}]", "1: null"}},
        Cut{"Several", "[{}]\n[{\"a\":1}]\n{\"b\":2}", {"1: {}", "2: {\"a\":1}", "3: {\"b\":2}"}}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Faults, JsonStreams,
    ::testing::Values(
        Cut{"TruncatedLine",
            "{\"a\":1,\"b\":\"tru\n{\"a\":2}\n{\"a\":3}",
            {"1: ! line 1, column 16: the end of the line where the end of a string is expected",
             "2: {\"a\":2}", "3: {\"a\":3}"}},
        Cut{"LineCutBehindAComma",
            "{\"a\":1,\n{\"a\":2}\n{\"a\":3}",
            {"1: ! line 2, column 1: '{' where a key is expected", "2: {\"a\":2}", "3: {\"a\":3}"}},
        Cut{"LineCutBehindAColon",
            "{\"a\":\n{\"a\":2}\n{\"a\":3}\n",
            {"1: ! line 3, column 1: '{' where ',' or '}' is expected", "2: {\"a\":2}",
             "3: {\"a\":3}"}},
        Cut{"LastLineCut",
            "{\"a\":1}\n{\"a\":",
            {"1: {\"a\":1}",
             "2: ! line 2, column 6: the end of the stream where a value is expected"}},
        Cut{"Garbage",
            "hello\n\n}}\n{\"a\":1} x\n{\"a\":2}",
            {"1: ! line 1, column 1: 'h' where an object is expected",
             "3: ! line 3, column 1: '}' where an object is expected", "4: {\"a\":1}",
             "4: ! line 4, column 9: 'x' where an object is expected", "5: {\"a\":2}"}},
        Cut{"Binary",
            std::string("\0\xff\n{}", 5),
            {"1: ! line 1, column 1: byte 0x00 where an object is expected", "2: {}"}},
        Cut{"BrokenPrettyDocument",
            "{\n  \"a\": 1\n  \"b\": {\n    \"c\": 2\n  }\n}\n{\"d\":3}\n",
            {"1: ! line 3, column 3: '\"' where ',' or '}' is expected", "7: {\"d\":3}"}},
        Cut{"BrokenElement",
            "[\n  {\n    \"a\" 1\n  },\n  {\"b\":2}\n]",
            {"2: ! line 3, column 9: '1' where ':' is expected", "5: {\"b\":2}"}},
        Cut{"MissingComma",
            "[{} {}]",
            {"1: {}", "1: ! line 1, column 5: '{' where ',' or ']' is expected", "1: {}"}},
        Cut{"SpareCommas",
            "[,{},,{},]{}",
            {"1: ! line 1, column 2: ',' where a value is expected", "1: {}",
             "1: ! line 1, column 6: ',' where a value is expected", "1: {}",
             "1: ! line 1, column 10: ']' where a value is expected", "1: {}"}},
        Cut{"ArrayWithoutEnd",
            "[{},",
            {"1: {}",
             "1: ! line 1, column 5: the end of the stream where ',' or ']' is expected"}}),
    NameOf);

TEST(JsonStream, ALongDocumentIsPassedOverAndNothingElse) {
  const std::string text = "{\"a\":1}\n{\"b\":\"" + std::string(5000, '{') + "\"}\n{\"c\":3}\n[" +
                           "{\"d\":\"" + std::string(300, 'x') + "\"},{\"e\":5}]";
  for (const std::size_t piece : {std::size_t{10}, std::size_t{1000}, std::size_t{100'000}}) {
    EXPECT_THAT(Read(text, piece, {.max_document_bytes = 100, .chunk_bytes = 64}),
                ElementsAre("1: {\"a\":1}", "2: ! a document longer than the limit of 100 bytes",
                            "3: {\"c\":3}", "4: ! a document longer than the limit of 100 bytes",
                            "4: {\"e\":5}"));
  }
}

TEST(JsonStream, ACutLineThatBeganWithSpacesSwallowsNothing) {
  EXPECT_EQ(Read("  {\"a\":1,\n{\"b\":2}\n{}\n", 4096).size(), 3U);
  EXPECT_EQ(Read("\xef\xbb\xbf{\"a\":1,\n{\"b\":2}\n{}\n", 4096).size(), 3U);
  EXPECT_EQ(Read("{}{\"a\":1,\n{\"b\":2}\n{}\n", 4096).size(), 4U);
}

TEST(JsonStream, ACutLineBeyondTheLimitSwallowsNothing) {
  const std::string text = "{\"a\":[" + Repeat("1,", 100) + "2\n{\"b\":2}\n{}\n";
  EXPECT_THAT(
      Read(text, 16, {.max_document_bytes = 100, .chunk_bytes = 64}),
      ElementsAre("1: ! a document longer than the limit of 100 bytes", "2: {\"b\":2}", "3: {}"));
}

TEST(JsonStream, ADocumentOfExactlyTheLimitIsFine) {
  const std::string text = "{\"a\":\"" + std::string(92, 'x') + "\"}";
  ASSERT_EQ(text.size(), 100U);
  const JsonStreamOptions options{.max_document_bytes = 100};
  EXPECT_THAT(Read(text + "\n{}", 7, options), ElementsAre("1: " + text, "2: {}"));
  EXPECT_THAT(Read("[" + text + "]", 7, options), ElementsAre("1: " + text));
}

TEST(JsonStream, ReadsNoMoreAheadThanTheLimitAllows) {
  std::size_t given = 0;
  JsonStream stream(
      [&](char* out, std::size_t room) -> Result<std::size_t> {
        std::memset(out, '[', room);
        out[0] = given == 0 ? '{' : '[';
        given += room;
        return room;
      },
      {.max_document_bytes = 1000, .chunk_bytes = 100});
  const auto item = stream.Next();
  EXPECT_FALSE(item->status.ok());
  EXPECT_LE(given, 1200U);
}

TEST(JsonStream, HandsOutALineThoughNothingFollowsYet) {
  int reads = 0;
  JsonStream stream([&](char* out, std::size_t) -> Result<std::size_t> {
    if (++reads > 1) return 0;
    return std::string_view("{\"a\":1}\n").copy(out, 8);
  });
  EXPECT_EQ(stream.Next()->text, "{\"a\":1}");
  EXPECT_EQ(reads, 1);
}

TEST(JsonStream, ReportsTheSourcesErrorLast) {
  int reads = 0;
  JsonStream stream([&](char* out, std::size_t) -> Result<std::size_t> {
    if (++reads > 1) return Error(DataLoss("gzip: bad checksum"));
    return std::string_view("{}\n").copy(out, 3);
  });
  EXPECT_TRUE(stream.Next()->status.ok());
  EXPECT_EQ(stream.Next()->status, DataLoss("gzip: bad checksum"));
  EXPECT_FALSE(stream.Next());
}

TEST(JsonStream, GivesEveryLineOfManyBrokenOnesBack) {
  // Each line opens another level, so that each could make the scanner read all that follow.
  const std::size_t lines = 20'000;
  const auto items = Read(Repeat("{\"a\":\n", lines) + "{\"b\":1}\n{\"c\":2}\n", 1 << 16U);
  EXPECT_GE(items.size(), 3U);
  EXPECT_THAT(items[items.size() - 2], HasSubstr("{\"b\":1}"));
  EXPECT_THAT(items.back(), HasSubstr("{\"c\":2}"));
}

}  // namespace
}  // namespace auditflow::event
