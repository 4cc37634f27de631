// Documents at random, sound ones and broken ones: a parser that knows their layouts has to tell
// the same of each as one that has seen nothing yet, and the reader of layouts the same as
// simdjson.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/event/guarded_bytes.hpp"
#include "tests/event/layout_reader_probe.hpp"
#include "tests/event/parse_helper.hpp"
#include "tests/event/random_documents.hpp"

namespace auditflow::event {
namespace {

using Mutant = RandomDocuments::Mutant;

void ExpectSame(const Event& event, const Event& other) {
  const Tape& tape = *event.root().tape();
  const Tape& expected = *other.root().tape();
  const auto count = static_cast<std::uint32_t>(expected.words[0]);
  ASSERT_EQ(event.raw(), other.raw());
  ASSERT_TRUE(std::equal(expected.words, expected.words + count, tape.words)) << event.raw();
  ASSERT_EQ(event.strings(), other.strings());
  ASSERT_EQ(event.layout() != 0, other.layout() != 0) << event.raw();
  ASSERT_TRUE(std::equal(event.members().begin(), event.members().end(), other.members().begin(),
                         other.members().end()))
      << event.raw();
}

/// Parses by one parser that learns, and each time by one that is new.
class Comparison {
 public:
  explicit Comparison(ParseLimits limits = {})
      : limits_(limits), memory_(1 << 16), parser_(limits) {
    for (const std::string& json : RandomDocuments::OnePerLayout()) Check({json, " "});
  }

  /// @return whether the document was accepted.
  bool Check(const Mutant& document) {
    const std::string_view json = memory_.Place(document.text, document.behind);
    const Status status = parser_.ParseInPlace(json, event_);
    const Status expected = EventParser(limits_).ParseInto(json, expected_);
    EXPECT_EQ(status.ToString(), expected.ToString()) << json;
    if (status.ok() && expected.ok()) ExpectSame(event_, expected_);
    return status.ok();
  }

 private:
  ParseLimits limits_;
  GuardedBytes memory_;
  EventParser parser_;
  Event event_;
  Event expected_;
};

TEST(LayoutDifferential, TheReaderWritesWhatSimdjsonWrites) {
  if (!LayoutReader::IsSupported()) GTEST_SKIP() << "this machine has no AVX2";
  LayoutReaderProbe probe;
  for (const std::string& json : RandomDocuments::OnePerLayout()) probe.Learn(json);
  RandomDocuments documents(20261129);
  for (int i = 0; i < 50'000 && !::testing::Test::HasFailure(); ++i) {
    const RandomDocuments::Document document = documents.Next();
    const bool reads = probe.Reads(document.text);
    EXPECT_TRUE(reads || !document.is_plain) << document.text;
    const Mutant mutant = documents.Mutate(document.text);
    (void)probe.Reads(mutant.text, mutant.behind);
  }
}

TEST(LayoutDifferential, AParserThatKnowsTheLayoutTellsTheSameAsANewOne) {
  RandomDocuments documents(1129);
  int accepted = 0;
  for (int round = 0; round < 150 && !::testing::Test::HasFailure(); ++round) {
    Comparison comparison;  // before it finds that layouts are not worth it
    for (int i = 0; i < 100; ++i) {
      const std::string json = documents.Next().text;
      if (comparison.Check({json, " "})) ++accepted;
      (void)comparison.Check(documents.Mutate(json));
    }
  }
  EXPECT_GT(accepted, 10'000);
}

TEST(LayoutDifferential, TheLimitsAreTheSame) {
  RandomDocuments documents(2026);
  for (int round = 0; round < 100 && !::testing::Test::HasFailure(); ++round) {
    Comparison comparison({.max_bytes = 20 + documents.Below(300),
                           .max_depth = 1 + documents.Below(8),
                           .max_keys = 1 + documents.Below(10)});
    for (int i = 0; i < 50; ++i) (void)comparison.Check({documents.Next().text, " "});
  }
}

/// A document of as many keys as a layout may have, all of them with the suffix.
std::string ManyKeys(const std::string& suffix, const std::string& value) {
  std::string json = "{";
  for (std::size_t i = 0; i < LayoutTree::kMostKeys; ++i) {
    json.append("\"key ").append(std::to_string(i)) += ' ' + suffix + "\":" + value + ',';
  }
  json.back() = '}';
  return json;
}

TEST(LayoutDifferential, LayoutsMayBeForgottenAtAnyTime) {
  Comparison comparison;
  RandomDocuments documents(11);
  for (int i = 0; i < 600 && !::testing::Test::HasFailure(); ++i) {
    // Most are known, or the parser would not ask.
    for (const char* value : {"0", "[\"\\n\"]", "\"\\u20ac\"", "true"}) {
      EXPECT_TRUE(comparison.Check({ManyKeys(std::to_string(i), value), "}"}));
    }
    (void)comparison.Check({documents.Next().text, " "});
  }
}

TEST(LayoutDifferential, AnEventMayBeMovedAndUsedAgain) {
  const std::vector<std::string> layouts = RandomDocuments::OnePerLayout();
  EventParser parser;
  std::array<Event, 3> events;
  RandomDocuments documents(4);
  for (int i = 0; i < 3'000 && !::testing::Test::HasFailure(); ++i) {
    const std::string json = documents.Next().text;
    Event& event = events[documents.Below(events.size())];
    if (parser.ParseInto(json, event).ok()) {
      Event moved = std::move(event);
      event = std::move(events[documents.Below(events.size())]);
      const Event expected = MustParse(json);
      ExpectSame(moved, expected);
      events[documents.Below(events.size())] = std::move(moved);
      EventParser other = std::move(parser);
      parser = std::move(other);
    }
  }
}

}  // namespace
}  // namespace auditflow::event
