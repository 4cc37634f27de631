#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/broker/in_process_broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::pipeline {

/// One detection rule on `action: drop`, and a correlation of three `action: fail` of one user
/// within a minute.
inline constexpr std::string_view kRules = R"(
title: Table dropped
id: 6f0b1c1e-0000-4000-8000-000000000001
logsource: {product: test}
detection:
  selection: {action: drop}
  condition: selection
level: high
auditflow: {rule_id: T-1, metric_type: table_dropped}
---
title: Failure
name: failure
logsource: {product: test}
detection:
  selection: {action: fail}
  condition: selection
---
title: Many failures
id: 6f0b1c1e-0000-4000-8000-000000000002
correlation:
  type: event_count
  rules: [failure]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 3}
level: critical
auditflow: {rule_id: T-2}
)";

inline std::shared_ptr<const RulePackage> TestRules(std::string_view yaml = kRules) {
  return BuildRulePackage(sigma::LoadText(yaml, "test.yml"));
}

/// An event with id number `n`, `second` seconds into the test.
inline std::string EventJson(int n, std::string_view action, std::string_view user, int second) {
  const std::string digits = std::to_string(1'000'000 + n).substr(1);
  const Timestamp time =
      Timestamp::FromUnixNanos(1'700'000'000'000'000'000) + std::chrono::seconds(second);
  return R"({"event_id":"00000000-0000-4000-8000-000000)" + digits + R"(","timestamp":")" +
         time.ToString() + R"(","action":")" + std::string(action) + R"(","user_id":")" +
         std::string(user) + R"("})";
}

/// A consumer that cannot move a message to the dead letters as often as it is told.
class FlakyDeadLetters final : public broker::Consumer {
 public:
  FlakyDeadLetters(std::unique_ptr<broker::Consumer> next, int failures)
      : next_(std::move(next)), failures_(failures) {}

  Result<std::vector<broker::Delivery>> Receive(std::size_t max, Duration wait) override {
    return next_->Receive(max, wait);
  }
  Status Ack(std::span<const std::uint64_t> tags) override { return next_->Ack(tags); }
  Status Requeue(std::span<const std::uint64_t> tags) override { return next_->Requeue(tags); }
  Status DeadLetter(std::uint64_t tag, std::string_view reason) override {
    if (failures_-- <= 0) return next_->DeadLetter(tag, reason);
    EXPECT_TRUE(next_->Requeue({&tag, 1}).ok());
    return Unavailable("no confirm");
  }
  void Shutdown() override { next_->Shutdown(); }

 private:
  const std::unique_ptr<broker::Consumer> next_;
  int failures_;
};

/// What every pipeline test needs around the part under test.
class PipelineTest : public testing::Test {
 protected:
  void Publish(const std::string& queue, std::vector<std::string> bodies) {
    std::vector<broker::Message> messages;
    for (std::string& body : bodies) {
      messages.emplace_back();
      messages.back().body = std::move(body);
    }
    const Status status = broker_.NewPublisher(queue)->Publish(messages, std::chrono::seconds(1));
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  /// The bodies that are ready in the queue.
  std::vector<broker::Message> Drain(const std::string& queue) {
    std::vector<broker::Message> messages;
    const std::unique_ptr<broker::Consumer> consumer = broker_.NewConsumer(queue);
    auto deliveries = consumer->Receive(10'000, Duration{0});
    if (!deliveries) return messages;
    for (broker::Delivery& delivery : *deliveries) {
      EXPECT_TRUE(consumer->Ack({&delivery.tag, 1}).ok());
      messages.push_back(std::move(delivery.message));
    }
    return messages;
  }

  static std::unique_ptr<Detector> NewDetector(std::string_view yaml = kRules,
                                               const DetectorOptions& options = {}) {
    auto detector = Detector::Create(TestRules(yaml), options);
    EXPECT_TRUE(detector) << detector.error().ToString();
    return std::move(*detector);
  }

  broker::InProcessBroker broker_;
  observe::Metrics metrics_;
  observe::PipelineMetrics pipeline_metrics_{metrics_};
  observe::HealthRegistry health_;
  std::stop_source stop_;
};

}  // namespace auditflow::pipeline
