// Event::CopyFrom: an event of its own, in little memory.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/event/parse_helper.hpp"
#include "tests/event/random_documents.hpp"

namespace auditflow::event {
namespace {

TEST(EventCopy, IsTheSameWhateverBecomesOfTheOther) {
  RandomDocuments documents(23);
  EventParser parser;
  Event read;
  Event copy;  // used again and again, by documents of all sizes
  int copied = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = documents.Next().text;
    if (!parser.ParseInto(text, read).ok()) continue;
    ++copied;
    copy.CopyFrom(read);
    const std::string json = ToJson(read);
    const std::string strings(read.strings());
    const std::vector<std::uint32_t> members(read.members().begin(), read.members().end());
    const std::uint64_t layout = read.layout();
    ASSERT_TRUE(parser.ParseInto(R"({"another":["one",1.5]})", read).ok());
    ASSERT_EQ(copy.raw(), text);
    ASSERT_EQ(ToJson(copy), json);
    ASSERT_EQ(copy.strings(), strings);
    ASSERT_EQ(copy.layout(), layout);
    ASSERT_TRUE(
        std::equal(members.begin(), members.end(), copy.members().begin(), copy.members().end()));
  }
  EXPECT_GT(copied, 1'000);
}

TEST(EventCopy, OfBytesThatStayWithTheCallerLeavesThemThere) {
  std::string text = R"({"a":1.50,"b":"x"})";
  const std::string_view json = text;
  text += std::string(EventParser::kPadding, ' ');
  EventParser parser;
  Event read;
  ASSERT_TRUE(parser.ParseInto(R"({"bytes":"of its own, from before"})", read).ok());
  const std::string_view in_place = std::string_view(text).substr(0, json.size());
  ASSERT_TRUE(parser.ParseInPlace(in_place, read).ok());
  Event copy;
  copy.CopyFrom(read);
  read = Event();
  EXPECT_EQ(copy.raw().data(), in_place.data());
  EXPECT_EQ(copy.raw(), in_place);
  EXPECT_EQ(ToJson(copy), R"({"a":1.50,"b":"x"})");
}

TEST(EventCopy, IsParsedIntoLikeAnyOther) {
  const Event read = MustParse(R"({"a":1})");
  Event copy;
  copy.CopyFrom(read);
  ASSERT_TRUE(EventParser().ParseInto(R"({"b":"2"})", copy).ok());
  EXPECT_EQ(ToJson(copy), R"({"b":"2"})");
  Event moved = std::move(copy);
  // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): it is to work
  copy.CopyFrom(moved);
  EXPECT_EQ(ToJson(copy), R"({"b":"2"})");
}

}  // namespace
}  // namespace auditflow::event
