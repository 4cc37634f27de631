#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

namespace auditflow::rabbitmq {

/// Runs a program and waits for it. Fails the test if it fails. @return what it printed.
std::string RunProgram(const std::vector<std::string>& words);

/// The server that the ctest fixture started: see rabbitmq_server.py.
class TestServer {
 public:
  /// Nothing if there is none; `why` then says why.
  static std::optional<TestServer> Find(std::string& why);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t tls_port() const { return tls_port_; }  ///< 0: no TLS here
  [[nodiscard]] std::string File(const std::string& name) const { return folder_ + "/" + name; }
  /// Options with short pauses, for tests that wait for a reconnection.
  [[nodiscard]] ConnectionOptions Connection() const;

  /// One of the script's commands (kill, terminate, restart). Fails the test if it fails.
  void Run(const std::string& command) const;
  /// rabbitmqctl. @return what it printed.
  std::string Ctl(const std::vector<std::string>& arguments) const;

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
};

/// A prefix for queue names that no other test uses.
std::string FreshName();

PublisherOptions PublisherFor(const TestServer& server, const std::string& queue);
ConsumerOptions ConsumerFor(const TestServer& server, const std::string& queue);

/// What most tests need of a server; skips them, visibly, where there is none.
class RabbitMqTest : public testing::Test {
 protected:
  void SetUp() override;
  [[nodiscard]] const TestServer& server() const { return *server_; }
  [[nodiscard]] PublisherOptions publisher_options() const {
    return PublisherFor(server(), queue_);
  }
  [[nodiscard]] ConsumerOptions consumer_options() const { return ConsumerFor(server(), queue_); }

  const std::string queue_ = FreshName();

 private:
  std::optional<TestServer> server_;
};

/// Publishes bodies "0", "1", … with ids of the same text. @return of the whole batch.
Status PublishNumbers(broker::Publisher& publisher, int from, int to,
                      Duration timeout = std::chrono::seconds(30));
/// Receives until there are `count`; fails the test if they do not come.
std::vector<broker::Delivery> TakeAll(broker::Consumer& consumer, std::size_t count);
std::vector<std::uint64_t> TagsOf(const std::vector<broker::Delivery>& deliveries);
std::vector<std::string> BodiesOf(const std::vector<broker::Delivery>& deliveries);
/// Looks until `condition` holds, or fails the test after `limit`.
template <class Condition>
void Eventually(Condition condition, Duration limit = std::chrono::seconds(30)) {
  const auto give_up = SystemClock().Monotonic() + limit;
  while (!condition()) {
    ASSERT_LT(SystemClock().Monotonic(), give_up) << "it did not come about";
    SystemClock().SleepFor(std::chrono::milliseconds(5), {});
  }
}

/// Made and ready; fails the test otherwise.
std::unique_ptr<RabbitMqPublisher> ReadyPublisher(PublisherOptions options);
std::unique_ptr<RabbitMqConsumer> ReadyConsumer(ConsumerOptions options);

}  // namespace auditflow::rabbitmq
