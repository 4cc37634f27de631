#include "tests/broker/broker_suite.hpp"
#include "tests/rabbitmq/integration/test_server.hpp"

namespace auditflow::rabbitmq {
namespace {

/// Queues of one kind in the real broker; removed afterwards.
class RabbitMqHarness final : public broker::BrokerHarness {
 public:
  RabbitMqHarness(const TestServer& server, QueueKind kind) : server_(server) {
    topology_.kind = kind;
  }

  std::unique_ptr<broker::Publisher> NewPublisher(const std::string& queue) override {
    PublisherOptions options = PublisherFor(server_, prefix_ + queue);
    options.topology = topology_;
    return ReadyPublisher(std::move(options));
  }
  std::unique_ptr<broker::Consumer> NewConsumer(const std::string& queue) override {
    ConsumerOptions options = ConsumerFor(server_, prefix_ + queue);
    options.topology = topology_;
    if (queue.ends_with(topology_.dead_letter_suffix)) {
      options.queue.resize(options.queue.size() - topology_.dead_letter_suffix.size());
      options = ForDeadLetters(options);
    }
    return ReadyConsumer(std::move(options));
  }
  std::string DeadLetterQueue(const std::string& queue) override {
    return queue + topology_.dead_letter_suffix;
  }
  Duration quiet() const override { return std::chrono::milliseconds(150); }

 private:
  const TestServer& server_;
  const std::string prefix_ = FreshName() + "-";
  TopologyOptions topology_;
};

std::unique_ptr<broker::BrokerHarness> MakeHarness(QueueKind kind) {
  static std::string why;
  static const std::optional<TestServer> server = TestServer::Find(why);
  if (!server) return nullptr;
  return std::make_unique<RabbitMqHarness>(*server, kind);
}

}  // namespace
}  // namespace auditflow::rabbitmq

namespace auditflow::broker {
namespace {

using rabbitmq::QueueKind;

INSTANTIATE_TEST_SUITE_P(
    RabbitMq, BrokerSuite,
    testing::Values(
        BrokerSuiteParam{"classic", [] { return rabbitmq::MakeHarness(QueueKind::kClassic); }},
        BrokerSuiteParam{"quorum", [] { return rabbitmq::MakeHarness(QueueKind::kQuorum); }}),
    BrokerSuiteName);

}  // namespace
}  // namespace auditflow::broker
