// The definitions that we ship for the broker: each account can do its service's work, and no more.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/rabbitmq/integration/test_server.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

const std::string kScript = std::string(AUDITFLOW_SOURCE_DIR) + "/deploy/rabbitmq/with-passwords";

class RabbitMqDefinitions : public RabbitMqTest {
 protected:
  void SetUp() override {
    RabbitMqTest::SetUp();
    if (IsSkipped()) return;
    Import({});
  }
  void Import(const std::vector<std::string>& options) const {
    const std::filesystem::path passwords = server().File("passwords");
    std::filesystem::create_directories(passwords);
    for (const char* user :
         {"audit-event-generator", "audit-log-analysis", "notification-service"}) {
      std::ofstream(passwords / user) << "password of " << user << "\n";
    }
    std::vector<std::string> words = {"python3", "-B", kScript};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(passwords);
    const std::string output = RunProgram(words);
    EXPECT_THAT(output, HasSubstr("auditflow-operator: no password, no log-in"));
    const std::string definitions = server().File("definitions.json");
    std::ofstream(definitions) << output.substr(output.find('{'));
    server().Ctl({"import_definitions", definitions});
  }

  [[nodiscard]] ConnectionOptions As(const std::string& user) const {
    ConnectionOptions options = server().Connection();
    options.user = user;
    options.password = Secret("password of " + user);
    return options;
  }
  [[nodiscard]] PublisherOptions Publishing(const std::string& user,
                                            const std::string& queue) const {
    PublisherOptions options = PublisherFor(server(), queue);
    options.connection = As(user);
    return options;
  }
  [[nodiscard]] ConsumerOptions Consuming(const std::string& user, const std::string& queue) const {
    ConsumerOptions options = ConsumerFor(server(), queue);
    options.connection = As(user);
    return options;
  }
  /// Publishes one message as `from`, takes it as `to`, and sends it to the dead letters.
  void PassOn(const PublisherOptions& from, const ConsumerOptions& to) const {
    const auto publisher = ReadyPublisher(from);
    ASSERT_TRUE(PublishNumbers(*publisher, 0, 1).ok());
    const auto consumer = ReadyConsumer(to);
    const auto got = TakeAll(*consumer, 1);
    ASSERT_EQ(got.size(), 1U);
    const Status dead = consumer->DeadLetter(got[0].tag, "test");
    EXPECT_TRUE(dead.ok()) << dead.ToString();
  }
  template <class Client, class Options>
  static void ExpectRefused(const Options& options) {
    const auto client = std::move(*Client::Create(options));
    Eventually([&] { return client->Health().failures >= 1; });
    EXPECT_TRUE(client->Health().permanent);
    EXPECT_THAT(client->Health().reason, HasSubstr("ACCESS_REFUSED"));
  }
};

TEST_F(RabbitMqDefinitions, EachServiceCanDoItsWork) {
  PassOn(Publishing("audit-event-generator", "audit_events"),
         Consuming("audit-log-analysis", "audit_events"));
  PassOn(Publishing("audit-log-analysis", "audit_alerts"),
         Consuming("notification-service", "audit_alerts"));
}

TEST_F(RabbitMqDefinitions, NoServiceCanDoAnothers) {
  ExpectRefused<RabbitMqConsumer>(Consuming("audit-event-generator", "audit_events"));
  ExpectRefused<RabbitMqConsumer>(Consuming("audit-log-analysis", "audit_alerts"));
  ExpectRefused<RabbitMqConsumer>(Consuming("notification-service", "audit_events"));
  ExpectRefused<RabbitMqPublisher>(Publishing("audit-event-generator", "audit_alerts"));
  ExpectRefused<RabbitMqPublisher>(Publishing("audit-log-analysis", "anything_else"));
}

TEST_F(RabbitMqDefinitions, AUserWithoutAPasswordCannotLogIn) {
  for (const char* password : {"", "guest", "password of auditflow-operator"}) {
    PublisherOptions options = Publishing("auditflow-operator", "audit_events");
    options.connection.password = Secret(password);
    ExpectRefused<RabbitMqPublisher>(options);
  }
}

TEST_F(RabbitMqDefinitions, WithoutTheRightToConfigureQueuesAreUsedAsTheyStand) {
  Import({"--no-configure"});
  PublisherOptions publishing = Publishing("audit-event-generator", "audit_events");
  ExpectRefused<RabbitMqPublisher>(publishing);
  publishing.topology.declare = false;
  ConsumerOptions consuming = Consuming("audit-log-analysis", "audit_events");
  consuming.topology.declare = false;
  PassOn(publishing, consuming);
}

}  // namespace
}  // namespace auditflow::rabbitmq
