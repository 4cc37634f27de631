#include "auditflow/pipeline/scanner.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow::pipeline {
namespace {

constexpr const char* kBurst = R"(title: Failure
name: failure
logsource: {product: any}
detection:
  selection: {result: FAILURE}
  condition: selection
---
title: Burst
id: 33333333-3333-4333-8333-333333333333
correlation:
  type: event_count
  rules: [failure]
  group-by: [user]
  timespan: 1m
  condition: {gte: 3}
auditflow: {rule_id: BURST-1}
---
title: Root
logsource: {product: any}
detection:
  selection: {user: root}
  condition: selection
)";

/// Scans small events and writes down what is found.
class ScannerTest : public testing::Test {
 protected:
  explicit ScannerTest(const ScannerOptions& options = {}) {
    auto scanner = Scanner::Create(BuildRulePackage(sigma::LoadText(kBurst, "burst.yml")), options);
    EXPECT_TRUE(scanner) << scanner.error().ToString();
    scanner_ = std::move(*scanner);
  }

  void Scan(const std::string& json) {
    const auto event = parser_.Parse(json);
    ASSERT_TRUE(event) << event.error().ToString();
    const EventPosition position{0, index_ + 1, index_};
    ++index_;
    ASSERT_TRUE(scanner_->Scan(*event, position, Visitor()).ok());
  }

  void Failure(const std::string& user, const std::string& second) {
    Scan(R"({"result":"FAILURE","user":")" + user + R"(","timestamp":"2026-01-01T00:00:)" + second +
         R"(Z"})");
  }

  Scanner::Visitor Visitor() {
    return [this](const Finding& finding) {
      std::string line = std::string(finding.rule_id) + '@';
      line += finding.position ? std::to_string(finding.position->index) : "?";
      for (const auto& contributor : finding.contributors) {
        line += contributor ? ',' + std::to_string(contributor->index) : ",?";
      }
      found_.push_back(line);
      event_text_ = std::string(finding.event->raw());
    };
  }

  event::EventParser parser_;
  std::unique_ptr<Scanner> scanner_;
  std::vector<std::string> found_;
  std::string event_text_;
  std::uint64_t index_ = 0;
};

TEST_F(ScannerTest, ReportsMatchesThatAreOutputAndNoOthers) {
  Failure("a", "00");
  Failure("root", "00");
  EXPECT_EQ(found_, std::vector<std::string>{"Root@1"});
  EXPECT_EQ(scanner_->Statistics().events, 2U);
  EXPECT_EQ(scanner_->Statistics().matched_events, 2U);
}

TEST_F(ScannerTest, ReportsCorrelationsWithTheirTriggerAndContributors) {
  Failure("a", "02");
  Failure("a", "00");
  Failure("b", "01");
  Failure("a", "01");
  EXPECT_TRUE(found_.empty());
  ASSERT_TRUE(scanner_->Finish(Visitor()).ok());
  EXPECT_EQ(found_, std::vector<std::string>{"BURST-1@0,1,3,0"});
  EXPECT_NE(event_text_.find("00:00:02Z"), std::string::npos);
}

TEST_F(ScannerTest, LeavesEventsWithoutTimeOutOfCorrelations) {
  for (int i = 0; i < 3; ++i) Scan(R"({"result":"FAILURE","user":"a"})");
  ASSERT_TRUE(scanner_->Finish(Visitor()).ok());
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(scanner_->Statistics().without_time, 3U);
}

class ForgetfulScannerTest : public ScannerTest {
 protected:
  ForgetfulScannerTest() : ScannerTest({.remembered_positions = 2}) {}
};

TEST_F(ForgetfulScannerTest, SaysWhenItHasForgottenWhereAnEventStands) {
  Failure("a", "00");
  Failure("a", "01");
  Failure("a", "02");
  ASSERT_TRUE(scanner_->Finish(Visitor()).ok());
  EXPECT_EQ(found_, std::vector<std::string>{"BURST-1@2,?,1,2"});
}

class PromptScannerTest : public ScannerTest {
 protected:
  PromptScannerTest() : ScannerTest({.allowed_lateness = Duration{0}}) {}
};

TEST_F(PromptScannerTest, ReportsAtOnceWithoutLatenessAndCountsWhatIsLate) {
  Failure("a", "01");
  Failure("a", "00");
  Failure("a", "02");
  Failure("a", "03");
  EXPECT_EQ(found_, std::vector<std::string>{"BURST-1@3,0,2,3"});
  EXPECT_EQ(scanner_->Statistics().correlation.windows.late, 1U);
}

// A group that has gone silent must not hold its hit back until a correlation above calls it late.
TEST(ScannerChain, FindsTheSameChainsWhateverTheLateness) {
  constexpr const char* kChain = R"(title: Failure
name: failure
logsource: {product: any}
detection: {selection: {result: FAILURE}, condition: selection}
---
title: Burst
name: burst
correlation: {type: event_count, rules: [failure], group-by: [user, host], timespan: 1m, condition: {gte: 2}}
---
title: Success
name: success
logsource: {product: any}
detection: {selection: {result: SUCCESS}, condition: selection}
---
title: Success after a burst
correlation: {type: temporal_ordered, rules: [burst, success], group-by: [host], timespan: 1h}
auditflow: {rule_id: CHAIN}
)";
  for (const auto lateness : {0, 1, 10, 600}) {
    ScannerOptions options;
    options.allowed_lateness = std::chrono::seconds(lateness);
    auto scanner = Scanner::Create(BuildRulePackage(sigma::LoadText(kChain, "chain.yml")), options);
    ASSERT_TRUE(scanner) << scanner.error().ToString();
    std::vector<std::string> found;
    const auto visit = [&](const Finding& finding) {
      if (finding.hit != nullptr) found.emplace_back(finding.rule_id);
    };
    event::EventParser parser;
    std::size_t index = 0;
    const auto scan = [&](std::string_view result, std::string_view user, int minute, int second) {
      const std::string at = (Timestamp::FromUnixNanos(1'700'000'000'000'000'000) +
                              std::chrono::minutes(minute) + std::chrono::seconds(second))
                                 .ToString();
      const auto event =
          parser.Parse(R"({"host":"h","result":")" + std::string(result) + R"(","user":")" +
                       std::string(user) + R"(","timestamp":")" + at + R"("})");
      ASSERT_TRUE(event);
      ASSERT_TRUE((*scanner)->Scan(*event, {0, index + 1, index}, visit).ok());
      ++index;
    };
    scan("FAILURE", "ann", 0, 0);
    scan("FAILURE", "ann", 0, 1);  // the burst; ann is not heard of again
    for (int minute = 1; minute < 40; ++minute) scan("SUCCESS", "bob", minute, 0);
    ASSERT_TRUE((*scanner)->Finish(visit).ok());
    EXPECT_EQ(found, std::vector<std::string>{"CHAIN"}) << lateness << " s";
  }
}

}  // namespace
}  // namespace auditflow::pipeline
