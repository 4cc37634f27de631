#include "src/pipeline/event_intake.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

#include "auditflow/observe/logging.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::pipeline {
namespace {

class NoConsumer final : public broker::Consumer {
 public:
  Result<std::vector<broker::Delivery>> Receive(std::size_t /*max*/, Duration /*wait*/) override {
    return std::vector<broker::Delivery>();
  }
  Status Ack(std::span<const std::uint64_t> /*tags*/) override { return {}; }
  Status Requeue(std::span<const std::uint64_t> /*tags*/) override { return {}; }
  Status DeadLetter(std::uint64_t /*tag*/, std::string_view /*reason*/) override {
    ++dead_letters;
    return {};
  }
  void Shutdown() override {}

  int dead_letters = 0;
};

/// Allocated and not freed; zero where a sanitizer stands in for the allocator.
std::size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

broker::Delivery DeliveryOf(std::string body) {
  broker::Delivery delivery;
  delivery.message.body = std::move(body);
  return delivery;
}

class EventIntakeTest : public testing::Test {
 protected:
  /// One after the other at each place of a batch, small ones before it.
  void TakeAtEachPlace(const std::string& body) {
    constexpr std::size_t kPlaces = 40;
    for (std::size_t place = 0; place < kPlaces; ++place) {
      std::vector<broker::Delivery> batch;
      for (std::size_t i = 0; i < place; ++i) {
        batch.push_back(DeliveryOf(R"({"a":)" + std::to_string(number_++) + "}"));
      }
      batch.push_back(DeliveryOf(body));
      intake_.Take(batch);
    }
    intake_.Take({});
  }

  NoConsumer consumer_;
  observe::Metrics metrics_;
  observe::Ledger ledger_{metrics_, "test", "events"};
  EventIntake intake_{consumer_, ledger_, AnalyzerOptions{}};
  int number_ = 0;
};

TEST_F(EventIntakeTest, ABatchOfOrdinaryEventsTakesFewTimesItsBytes) {
  std::vector<broker::Delivery> batch;
  for (int i = 0; i < 1'000; ++i) {
    batch.push_back(DeliveryOf(R"({"event_id":)" + std::to_string(i) + R"(,"details":")" +
                               std::string(300, 'x') + R"("})"));
  }
  intake_.Take({DeliveryOf(R"({"event_id":-1})")});
  const std::size_t before = Allocated();
  intake_.Take(batch);
  EXPECT_EQ(intake_.inputs().size(), 1'000U);
  EXPECT_LT(Allocated(), before + (std::size_t{2} << 20U));
}

TEST_F(EventIntakeTest, WhatALargeEventTookIsGivenBackWhereverItWas) {
  std::string zeros = R"({"a":[0)";
  for (int i = 0; i < 250'000; ++i) zeros += ",0";
  zeros += "]}";
  intake_.Take({DeliveryOf(zeros)});  // the parser keeps what it needs for one
  const std::size_t before = Allocated();
  TakeAtEachPlace(zeros);
  EXPECT_EQ(consumer_.dead_letters, 0);
  EXPECT_LT(Allocated(), before + (std::size_t{32} << 20U));
}

TEST_F(EventIntakeTest, WhatALargeRefusedOneTookIsGivenBackToo) {
  observe::log::SetLogLevel(observe::log::Level::kError);
  std::string cut = R"({"a":[0)";
  for (int i = 0; i < 250'000; ++i) cut += ",0";
  const std::size_t before = Allocated();
  TakeAtEachPlace(cut);
  EXPECT_EQ(consumer_.dead_letters, 40);
  EXPECT_LT(Allocated(), before + (std::size_t{32} << 20U));
  observe::log::SetLogLevel(observe::log::Level::kInfo);
}

}  // namespace
}  // namespace auditflow::pipeline
