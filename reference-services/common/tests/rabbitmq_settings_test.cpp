#include "common/rabbitmq_settings.hpp"

#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace auditflow::services {
namespace {

using rabbitmq::ConnectionHealth;
using rabbitmq::ConnectionState;
using rabbitmq::QueueKind;

struct Read {
  rabbitmq::ConnectionOptions connection = DefaultConnection("user", "password");
  rabbitmq::TopologyOptions topology;
  std::vector<config::SettingProblem> problems;

  explicit Read(const std::map<std::string, std::string, std::less<>>& variables) {
    config::SettingTable table;
    AddRabbitMqSettings(table, connection);
    AddTopologySettings(table, topology);
    problems = table.Read([&](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
  }
};

TEST(RabbitMqSettings, DefaultsAreThoseOfTheContract) {
  const Read read({});
  EXPECT_TRUE(read.problems.empty());
  EXPECT_EQ(read.connection.host, "rabbitmq-service");
  EXPECT_EQ(read.connection.port, 5672);
  EXPECT_EQ(read.connection.user, "user");
  EXPECT_EQ(read.connection.password.Reveal(), "password");
  EXPECT_FALSE(read.connection.tls.enabled);
  EXPECT_EQ(read.topology.kind, QueueKind::kClassic);
}

TEST(RabbitMqSettings, TakesAKubernetesServiceAndAKindOfQueue) {
  const Read read({{"RABBITMQ_PORT", "tcp://10.43.0.7:5673"},
                   {"RABBITMQ_QUEUE_KIND", "Consistent-Hash"},
                   {"RABBITMQ_PARTITIONS", "4"}});
  EXPECT_TRUE(read.problems.empty());
  EXPECT_EQ(read.connection.port, 5673);
  EXPECT_EQ(read.topology.kind, QueueKind::kConsistentHash);
  EXPECT_EQ(read.topology.partitions, 4U);
}

TEST(RabbitMqSettings, EncryptionNeedsSomebodyToTrust) {
  const Read read({{"RABBITMQ_TLS", "yes"}, {"RABBITMQ_TLS_KEY", "key.pem"}});
  ASSERT_EQ(read.problems.size(), 2U);
  EXPECT_EQ(read.problems[0].setting, "RABBITMQ_TLS_CA");
  EXPECT_EQ(read.problems[1].setting, "RABBITMQ_TLS_CERTIFICATE");
  EXPECT_TRUE(Read({{"RABBITMQ_TLS", "yes"}, {"RABBITMQ_TLS_VERIFY", "no"}}).problems.empty());
}

TEST(RabbitMqHealth, SaysWhyTheConnectionIsDown) {
  observe::HealthRegistry registry;
  ConnectionHealth health;
  health.reason = "connection refused";
  EXPECT_FALSE(ShowHealth(registry, "rabbitmq", health));
  EXPECT_EQ(registry.Snapshot().at(0).reason, "connection refused");
  health.state = ConnectionState::kReady;
  health.reason = "blocked: low on memory";
  EXPECT_TRUE(ShowHealth(registry, "rabbitmq", health));
  EXPECT_TRUE(registry.Ready());
  EXPECT_EQ(registry.Snapshot().at(0).reason, "blocked: low on memory");
}

TEST(RabbitMqHealth, ALossThatIsOverBeforeAnybodyLooksIsNotMissed) {
  LossWatch losses;
  ConnectionHealth health;
  health.state = ConnectionState::kReady;
  EXPECT_FALSE(losses.Look("rabbitmq", health));
  health.failures = 1;
  health.state = ConnectionState::kWaiting;
  EXPECT_FALSE(losses.Look("rabbitmq", health)) << "its state says so";
  health.state = ConnectionState::kReady;
  EXPECT_FALSE(losses.Look("rabbitmq", health)) << "known by then";
  health.failures = 2;
  EXPECT_TRUE(losses.Look("rabbitmq", health));
  EXPECT_FALSE(losses.Look("rabbitmq", health));
}

}  // namespace
}  // namespace auditflow::services
