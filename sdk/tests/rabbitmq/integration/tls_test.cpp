#include <gmock/gmock.h>

#include "tests/rabbitmq/integration/test_server.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class RabbitMqTls : public RabbitMqTest {
 protected:
  void SetUp() override {
    RabbitMqTest::SetUp();
    if (!IsSkipped() && server().tls_port() == 0) {
      GTEST_SKIP() << "no openssl to make certificates with";
    }
  }
  [[nodiscard]] PublisherOptions TlsOptionsWith(const std::string& ca) const {
    PublisherOptions options = publisher_options();
    options.connection.port = server().tls_port();
    options.connection.tls.enabled = true;
    options.connection.tls.ca_file = server().File(ca);
    return options;
  }
  /// The health of a publisher whose first attempt fails.
  static ConnectionHealth Refused(const PublisherOptions& options) {
    const auto publisher = std::move(*RabbitMqPublisher::Create(options));
    Eventually([&] { return publisher->Health().failures >= 1; });
    EXPECT_EQ(publisher->Health().connections, 0U);
    return publisher->Health();
  }
};

TEST_F(RabbitMqTls, PublishesToABrokerThatIsWhoItSays) {
  const auto publisher = ReadyPublisher(TlsOptionsWith("ca.pem"));
  EXPECT_TRUE(PublishNumbers(*publisher, 0, 500).ok());
  ConsumerOptions consuming = consumer_options();
  consuming.connection = TlsOptionsWith("ca.pem").connection;
  const auto consumer = ReadyConsumer(consuming);
  EXPECT_TRUE(consumer->Ack(TagsOf(TakeAll(*consumer, 500))).ok());
}

TEST_F(RabbitMqTls, RefusesABrokerThatAnotherAuthoritySigned) {
  const ConnectionHealth health = Refused(TlsOptionsWith("other_ca.pem"));
  EXPECT_FALSE(health.up());
  EXPECT_THAT(health.reason, HasSubstr("localhost:"));
}

TEST_F(RabbitMqTls, RefusesACertificateForAnotherHost) {
  PublisherOptions options = TlsOptionsWith("ca.pem");
  options.connection.host = "127.0.0.1";
  const ConnectionHealth health = Refused(options);
  EXPECT_TRUE(health.permanent) << health.reason;
  options.connection.tls.verify_hostname = false;
  EXPECT_TRUE(ReadyPublisher(options)->Health().up());
}

TEST_F(RabbitMqTls, AMissingFileIsPermanentAndNamed) {
  const ConnectionHealth health = Refused(TlsOptionsWith("no_such.pem"));
  EXPECT_TRUE(health.permanent);
  EXPECT_THAT(health.reason, HasSubstr("no_such.pem"));
}

TEST_F(RabbitMqTls, SpeakingPlainToATlsPortFailsAndIsRetried) {
  PublisherOptions options = publisher_options();
  options.connection.port = server().tls_port();
  options.connection.connect_timeout = seconds(2);
  EXPECT_FALSE(Refused(options).permanent);
}

}  // namespace
}  // namespace auditflow::rabbitmq
