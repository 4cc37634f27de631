#include "tests/event/layout_reader_probe.hpp"

#include <algorithm>

#include "tests/event/parse_helper.hpp"

namespace auditflow::event {
namespace {

constexpr ParseLimits kNoLimits{.max_depth = 1000};

// What simdjson asks for; see its document::allocate.
constexpr std::size_t WordsFor(std::size_t capacity) { return capacity + 3; }
constexpr std::size_t StringsFor(std::size_t capacity) { return 5 * capacity / 3 + 32; }

}  // namespace

LayoutReaderProbe::LayoutReaderProbe()
    : text_(kMostBytes + EventParser::kPadding),
      words_(WordsFor(kMostBytes) * sizeof(std::uint64_t)),
      strings_(StringsFor(kMostBytes)) {}

void LayoutReaderProbe::Learn(std::string_view json) {
  const Event event = MustParse(json, kNoLimits);
  EXPECT_TRUE(tree_.Learn(*event.root().tape())) << json;
}

bool LayoutReaderProbe::Reads(std::string_view json, std::string_view behind) {
  const std::size_t capacity = json.size() + LayoutReader::kSlack;
  EXPECT_LE(capacity, kMostBytes);
  const std::string_view text = text_.Place(json, behind);
  const TapeSpace space{
      reinterpret_cast<std::uint64_t*>(words_.Last(WordsFor(capacity) * sizeof(std::uint64_t))),
      reinterpret_cast<std::uint8_t*>(strings_.Last(StringsFor(capacity)))};
  if (!LayoutReader::Read(text, tree_, space, followed_)) return false;
  ExpectAsSimdjson(text, {space.words, space.strings});
  return true;
}

bool LayoutReaderProbe::SimdjsonAccepts(std::string_view json) {
  const std::string_view text = text_.Place(json, ' ');
  return parser_.parse_into_document(document_, text.data(), text.size(), false).error() ==
         simdjson::SUCCESS;
}

void LayoutReaderProbe::ExpectAsSimdjson(std::string_view text, const Tape& tape) {
  ASSERT_TRUE(SimdjsonAccepts(text)) << text;
  const Tape expected{document_.tape.get(), document_.string_buf.get()};
  const auto count = static_cast<std::uint32_t>(expected.words[0]);
  for (std::uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(tape.words[i], expected.words[i]) << "word " << i << " of " << text;
  }
  ASSERT_TRUE(std::equal(expected.strings, expected.strings + followed_.strings_size, tape.strings))
      << text;
  ExpectFollowed(expected);
}

void LayoutReaderProbe::ExpectFollowed(const Tape& tape) {
  ASSERT_TRUE(tree_.Follow(tape, expected_));
  EXPECT_EQ(followed_.layout, expected_.layout);
  EXPECT_EQ(followed_.deepest, expected_.deepest);
  ASSERT_EQ(followed_.count, expected_.count);
  EXPECT_TRUE(std::equal(followed_.members.begin(), followed_.members.begin() + followed_.count,
                         expected_.members.begin()));
  EXPECT_TRUE(std::equal(followed_.arrays.begin(), followed_.arrays.end(), expected_.arrays.begin(),
                         expected_.arrays.end(), [](const auto& array, const auto& other) {
                           return array.index == other.index && array.depth == other.depth;
                         }));
  if (!check_.AcceptsFollowed(tape, expected_, kNoLimits)) return;  // a key twice in an array
  EXPECT_EQ(followed_.strings_size, check_.strings_size());
}

}  // namespace auditflow::event
