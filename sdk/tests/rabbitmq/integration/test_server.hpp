#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

namespace auditflow::rabbitmq {

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
  [[nodiscard]] std::string Call(const std::vector<std::string>& arguments) const;

  std::string folder_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
};

/// A prefix for queue names that no other test uses.
std::string FreshName();

PublisherOptions PublisherFor(const TestServer& server, const std::string& queue);
ConsumerOptions ConsumerFor(const TestServer& server, const std::string& queue);

/// Made and ready; fails the test otherwise.
std::unique_ptr<RabbitMqPublisher> ReadyPublisher(PublisherOptions options);
std::unique_ptr<RabbitMqConsumer> ReadyConsumer(ConsumerOptions options);

}  // namespace auditflow::rabbitmq
