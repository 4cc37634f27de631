#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/pipeline/rule_package.hpp"

#include "tests/allocations/allocation_counter.hpp"

namespace auditflow {
namespace {

using event::Event;
using event::EventParser;

constexpr std::size_t kEvents = 400;

/// Ordinary work and every scenario: a third of the events belong to one.
std::vector<std::string> GeneratedEvents() {
  auto generator = generate::EventGenerator::Create({.seed = 7, .scenario_rate = 0.1});
  std::vector<std::string> events;
  for (std::size_t i = 0; i < kEvents; ++i) events.push_back(generator->Next());
  return events;
}

std::shared_ptr<const match::RuleSet> ShippedRules() {
  const auto folder = std::filesystem::path(AUDITFLOW_SOURCE_DIR) / "sdk" / "rules";
  return pipeline::LoadRulePackage({folder})->rule_set;
}

/// Calls `work` once for each number up to `kEvents`.
/// @return how many allocations the calls made.
template <class Work>
std::size_t AllocationsOf(Work&& work) {
  const std::size_t before = AllocationCount();
  for (std::size_t i = 0; i < kEvents; ++i) work(i);
  return AllocationCount() - before;
}

TEST(AllocationCounter, SeesEveryFormOfNew) {
  struct alignas(64) Wide {
    char bytes[64];
  };
  const std::size_t before = AllocationCount();
  const auto one = std::make_unique<int>(1);
  const auto many = std::make_unique<int[]>(3);
  const auto wide = std::make_unique<Wide>();
  const std::unique_ptr<int> quiet(new (std::nothrow) int(2));
  EXPECT_EQ(AllocationCount() - before, 4U);
}

TEST(Allocations, ParsingIntoAUsedEventMakesNone) {
  const std::vector<std::string> events = GeneratedEvents();
  EventParser parser;
  Event event;
  std::size_t faults = 0;
  const auto parse = [&](std::size_t i) {
    faults += parser.ParseInto(events[i], event).ok() ? 0 : 1;
  };
  EXPECT_GT(AllocationsOf(parse), 0U);  // the first time memory is taken
  EXPECT_EQ(AllocationsOf(parse), 0U);
  EXPECT_EQ(AllocationsOf(parse), 0U);
  EXPECT_EQ(faults, 0U);
}

TEST(Allocations, MatchingTheShippedRulesMakesNone) {
  const std::vector<std::string> events = GeneratedEvents();
  EventParser parser;
  std::vector<Event> parsed;
  for (const std::string& json : events) parsed.push_back(*parser.Parse(json));
  match::Matcher matcher(ShippedRules());
  std::size_t matches = 0;
  const auto match = [&](std::size_t i) { matches += matcher.Match(parsed[i]).size(); };
  EXPECT_GT(AllocationsOf(match), 0U);
  const std::size_t first_pass = matches;
  EXPECT_GT(first_pass, 20U);
  // What is remembered of a value keeps the room of the longest text that it ever held.
  for (int pass = 0; pass < 3; ++pass) AllocationsOf(match);
  EXPECT_EQ(AllocationsOf(match), 0U);
  EXPECT_EQ(AllocationsOf(match), 0U);
  EXPECT_EQ(matches, 6 * first_pass);
}

}  // namespace
}  // namespace auditflow
