// The small parts of the adapter that need no connection.
#include <limits>

#include <amqp.h>
#include <amqp_framing.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/rabbitmq/amqp_status.hpp"
#include "src/rabbitmq/attempt_memory.hpp"
#include "src/rabbitmq/dead_letter.hpp"
#include "src/rabbitmq/topology.hpp"
#include "src/rabbitmq/validate.hpp"
#include "src/rabbitmq/watchdog.hpp"
#include "tests/rabbitmq/make_message.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(AmqpStatus, ReplyCodesSayWhetherARetryHelps) {
  struct Case {
    int code;
    bool during_login;
    StatusCode expected;
    bool retryable;
  };
  const Case cases[] = {
      {AMQP_ACCESS_REFUSED, true, StatusCode::kUnauthenticated, false},
      {AMQP_ACCESS_REFUSED, false, StatusCode::kPermissionDenied, false},
      {AMQP_NOT_ALLOWED, true, StatusCode::kPermissionDenied, false},
      {AMQP_NOT_FOUND, false, StatusCode::kNotFound, false},
      {AMQP_PRECONDITION_FAILED, false, StatusCode::kFailedPrecondition, false},
      {AMQP_COMMAND_INVALID, false, StatusCode::kFailedPrecondition, false},
      {AMQP_NOT_IMPLEMENTED, false, StatusCode::kFailedPrecondition, false},
      {AMQP_CONNECTION_FORCED, false, StatusCode::kUnavailable, true},
      {AMQP_RESOURCE_LOCKED, false, StatusCode::kUnavailable, true},
      {AMQP_INTERNAL_ERROR, false, StatusCode::kUnavailable, true},
      {AMQP_UNEXPECTED_FRAME, false, StatusCode::kUnavailable, true},
      {999, false, StatusCode::kUnavailable, true},
  };
  for (const Case& c : cases) {
    const Status status = FromReplyCode(c.code, "why", c.during_login);
    EXPECT_EQ(status.code(), c.expected) << c.code;
    EXPECT_EQ(status.retryable(), c.retryable) << c.code;
    EXPECT_EQ(status.message(), "why (" + std::to_string(c.code) + ")");
  }
}

TEST(AmqpStatus, LibraryErrorsSayWhetherARetryHelps) {
  struct Case {
    int code;
    StatusCode expected;
    bool retryable;
  };
  const Case cases[] = {
      {AMQP_STATUS_SOCKET_ERROR, StatusCode::kUnavailable, true},
      {AMQP_STATUS_CONNECTION_CLOSED, StatusCode::kUnavailable, true},
      {AMQP_STATUS_HEARTBEAT_TIMEOUT, StatusCode::kUnavailable, true},
      {AMQP_STATUS_TIMEOUT, StatusCode::kUnavailable, true},
      {AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED, StatusCode::kUnavailable, true},
      {AMQP_STATUS_SSL_CONNECTION_FAILED, StatusCode::kUnavailable, true},
      {AMQP_STATUS_SSL_PEER_VERIFY_FAILED, StatusCode::kUnauthenticated, false},
      {AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, StatusCode::kUnauthenticated, false},
      {AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, StatusCode::kFailedPrecondition, false},
      {AMQP_STATUS_TABLE_TOO_BIG, StatusCode::kInvalidArgument, false},
      {-9999, StatusCode::kUnavailable, true},
  };
  EXPECT_TRUE(FromLibraryStatus(AMQP_STATUS_OK).ok());
  for (const Case& c : cases) {
    const Status status = FromLibraryStatus(c.code);
    EXPECT_EQ(status.code(), c.expected) << c.code;
    EXPECT_EQ(status.retryable(), c.retryable) << c.code;
    EXPECT_FALSE(status.message().empty()) << c.code;
  }
}

TEST(AttemptMemory, KnowsAMessageByItsIdAndBody) {
  AttemptMemory memory(10);
  memory.Remember(MakeMessage("body", "id"), 3);
  EXPECT_EQ(memory.Recall(MakeMessage("body", "id")), 3U);
  EXPECT_EQ(memory.Recall(MakeMessage("other", "id")), 0U) << "an id may be borrowed";
  EXPECT_EQ(memory.Recall(MakeMessage("body", "other")), 0U);
  memory.Remember(MakeMessage("body", "id"), 4);
  EXPECT_EQ(memory.Recall(MakeMessage("body", "id")), 4U);
  memory.Forget(MakeMessage("body", "id"));
  EXPECT_EQ(memory.Recall(MakeMessage("body", "id")), 0U);
}

TEST(AttemptMemory, ForgetsTheOldestWhenFull) {
  AttemptMemory memory(2);
  memory.Remember(MakeMessage("", "a"), 1);
  memory.Remember(MakeMessage("", "b"), 1);
  memory.Remember(MakeMessage("", "a"), 2);
  memory.Remember(MakeMessage("", "c"), 1);
  EXPECT_EQ(memory.Recall(MakeMessage("", "a")), 2U);
  EXPECT_EQ(memory.Recall(MakeMessage("", "b")), 0U);
  EXPECT_EQ(memory.Recall(MakeMessage("", "c")), 1U);
}

TEST(DeadLetter, GainsOurHeadersInPlaceOfOlderOnes) {
  broker::Message message = MakeMessage("bytes", "id");
  message.headers = {{"x-auditflow-reason", "old"}, {"own", "1"}};
  const broker::Message dead = MakeDeadLetter(message, "q", 3, "why");
  EXPECT_EQ(dead.body, "bytes");
  EXPECT_EQ(dead.message_id, "id");
  EXPECT_EQ(dead.content_type, "text/plain");
  EXPECT_THAT(dead.headers,
              ElementsAre(Pair("own", "1"), Pair("x-auditflow-reason", "why"),
                          Pair("x-auditflow-queue", "q"), Pair("x-auditflow-attempts", "3")));
}

TEST(DeadLetter, CanAlwaysBeSent) {
  broker::Message message = MakeMessage("bytes", std::string(255, 'i'), std::string(255, 'c'));
  for (int i = 0; i < 3000; ++i) message.headers.emplace_back("header", std::string(30, 'v'));
  ASSERT_FALSE(Validate(message, 100).ok());
  const broker::Message dead =
      MakeDeadLetter(message, std::string(200, 'q'), 1, std::string(5000, 'r'));
  EXPECT_TRUE(Validate(dead, 100).ok());
  EXPECT_THAT(dead.headers, Contains(Pair("x-auditflow-reason", std::string(1024, 'r'))));
}

TEST(DeadLetter, AReasonIsReadable) {
  const broker::Message dead = MakeDeadLetter({}, "q", 1, "offset 3: \xff");
  EXPECT_THAT(dead.headers, Contains(Pair("x-auditflow-reason", "offset 3: \xEF\xBF\xBD")));
}

std::vector<std::string> NamesOf(const Topology& topology) {
  std::vector<std::string> names;
  for (const QueueDeclaration& queue : topology.queues) names.push_back(queue.name);
  return names;
}

TEST(Topology, ThePlainOneIsWhatThePythonServicesDeclare) {
  const Topology topology = MakeTopology("audit_events", {}, Role::kConsumer);
  EXPECT_THAT(NamesOf(topology), ElementsAre("audit_events", "audit_events.dead-letter"));
  for (const QueueDeclaration& queue : topology.queues) EXPECT_TRUE(queue.arguments.empty());
  EXPECT_EQ(topology.exchange, "");
  EXPECT_EQ(RoutingKeys("audit_events", {}).Of({}), "audit_events");
}

TEST(Topology, APublisherLeavesTheDeadLettersAlone) {
  EXPECT_THAT(NamesOf(MakeTopology("q", {}, Role::kPublisher)), ElementsAre("q"));
}

TEST(Topology, AQuorumQueueLosesNothingAtItsDeliveryLimit) {
  const Topology topology = MakeTopology("q", {.kind = QueueKind::kQuorum}, Role::kConsumer);
  ASSERT_THAT(NamesOf(topology), ElementsAre("q", "q.dead-letter"));
  const auto& arguments = topology.queues[0].arguments;
  EXPECT_THAT(arguments, Contains(Argument("x-queue-type", "quorum")));
  EXPECT_THAT(arguments, Contains(Argument("x-delivery-limit", std::int64_t{30})));
  EXPECT_THAT(arguments, Contains(Argument("x-dead-letter-routing-key", "q.dead-letter")));
  EXPECT_THAT(arguments, Contains(Argument("x-dead-letter-strategy", "at-least-once")));
  EXPECT_THAT(arguments, Contains(Argument("x-overflow", "reject-publish")));
  EXPECT_THAT(topology.queues[1].arguments, ElementsAre(Argument("x-queue-type", "quorum")));
}

TEST(Topology, PartitionsShareAnExchange) {
  const TopologyOptions options{.kind = QueueKind::kConsistentHash, .partitions = 2};
  const Topology topology = MakeTopology("q", options, Role::kConsumer);
  EXPECT_THAT(NamesOf(topology), ElementsAre("q.0", "q.1", "q.dead-letter"));
  EXPECT_THAT(topology.holding, ElementsAre("q.0", "q.1"));
  EXPECT_EQ(topology.exchange, "q.partitions");
}

TEST(Topology, AMessagesKeyIsItsHeaderOrItsId) {
  RoutingKeys keys("q", {.kind = QueueKind::kConsistentHash});
  broker::Message message = MakeMessageWithHeader("x-auditflow-partition", "alice");
  EXPECT_EQ(keys.Of(message), "alice");
  message.headers.clear();
  EXPECT_EQ(keys.Of(message), "id");
  message.message_id = std::string(300, 'k');
  const std::string key = keys.Of(message);
  EXPECT_LE(key.size(), 255U);
  EXPECT_EQ(keys.Of(message), key);
  message.message_id.back() = 'l';
  EXPECT_NE(keys.Of(message), key);
}

TEST(Topology, AMessagesKeyIsFoundInItsBody) {
  RoutingKeys keys(
      "q", {.kind = QueueKind::kConsistentHash, .partition_fields = {"user_id", "details.host"}});
  broker::Message message = MakeMessageWithHeader("x-auditflow-partition", "header");
  message.body = R"({"user_id":"ann","details":{"host":7}})";
  EXPECT_EQ(keys.Of(message), "header");
  message.headers.clear();
  EXPECT_EQ(keys.Of(message), "ann/7");
  message.body = R"({"details":{"host":"h"}})";
  EXPECT_EQ(keys.Of(message), "/h");
  for (const char* body : {"{}", R"({"user_id":""})", "no JSON", "", "[1]"}) {
    message.body = body;
    EXPECT_EQ(keys.Of(message), "id") << body;
  }
  message.body = R"({"user_id":")" + std::string(1000, 'x') + R"("})";
  EXPECT_LE(keys.Of(message).size(), 255U);
}

TEST(Topology, DeadLettersHaveNoDeadLettersOfTheirOwn) {
  ConsumerOptions options;
  options.queue = "q";
  options.topology.kind = QueueKind::kConsistentHash;
  options.own_partitions = {1};
  const ConsumerOptions dead = ForDeadLetters(options);
  EXPECT_EQ(dead.queue, "q.dead-letter");
  EXPECT_TRUE(Validate(dead).ok());
  EXPECT_THAT(NamesOf(MakeTopology(dead.queue, dead.topology, Role::kConsumer)),
              ElementsAre("q.dead-letter"));
}

TEST(Validate, NamesTheOptionThatIsWrong) {
  struct Case {
    std::string names;
    void (*spoil)(ConsumerOptions&);
  };
  const Case cases[] = {
      {"queue:", [](ConsumerOptions& o) { o.queue.clear(); }},
      {"queue:", [](ConsumerOptions& o) { o.queue = std::string(201, 'q'); }},
      {"queue:", [](ConsumerOptions& o) { o.queue = "amq.direct"; }},
      {"queue:", [](ConsumerOptions& o) { o.queue = std::string("a\0b", 3); }},
      {"prefetch:", [](ConsumerOptions& o) { o.prefetch = 0; }},
      {"ack_batch:", [](ConsumerOptions& o) { o.ack_batch = 0; }},
      {"ack_interval:", [](ConsumerOptions& o) { o.ack_interval = {}; }},
      {"dead_letter_timeout:", [](ConsumerOptions& o) { o.dead_letter_timeout = {}; }},
      {"own_partitions:", [](ConsumerOptions& o) { o.own_partitions = {0}; }},
      {"own_partitions:",
       [](ConsumerOptions& o) {
         o.topology.kind = QueueKind::kConsistentHash;
         o.own_partitions = {8};
       }},
      {"topology.partitions:",
       [](ConsumerOptions& o) {
         o.topology.kind = QueueKind::kConsistentHash;
         o.topology.partitions = 257;
       }},
      {"topology.dead_letter_suffix:",
       [](ConsumerOptions& o) { o.topology.dead_letter_suffix = std::string(51, 's'); }},
      {"connection.host:", [](ConsumerOptions& o) { o.connection.host.clear(); }},
      {"connection.port:", [](ConsumerOptions& o) { o.connection.port = 0; }},
      {"connection.virtual_host:", [](ConsumerOptions& o) { o.connection.virtual_host.clear(); }},
      {"connection.user:", [](ConsumerOptions& o) { o.connection.user.clear(); }},
      {"connection.password:",
       [](ConsumerOptions& o) { o.connection.password = Secret(std::string("a\0b", 3)); }},
      {"connection.heartbeat:", [](ConsumerOptions& o) { o.connection.heartbeat = {}; }},
      {"connection.heartbeat:",
       [](ConsumerOptions& o) { o.connection.heartbeat = std::chrono::milliseconds(1500); }},
      {"connection.heartbeat:", [](ConsumerOptions& o) { o.connection.heartbeat = seconds(601); }},
      {"connection.connect_timeout:",
       [](ConsumerOptions& o) { o.connection.connect_timeout = {}; }},
      {"connection.rpc_timeout:",
       [](ConsumerOptions& o) { o.connection.rpc_timeout = seconds(-1); }},
      {"connection.call_limit:", [](ConsumerOptions& o) { o.connection.call_limit = {}; }},
      {"connection.backoff.base:", [](ConsumerOptions& o) { o.connection.backoff.base = {}; }},
      {"connection.backoff.max:", [](ConsumerOptions& o) { o.connection.backoff.max = {}; }},
      {"connection.permanent_retry:",
       [](ConsumerOptions& o) { o.connection.permanent_retry = {}; }},
      {"tls.ca_file:", [](ConsumerOptions& o) { o.connection.tls.enabled = true; }},
      {"tls.verify_hostname:",
       [](ConsumerOptions& o) {
         o.connection.tls.enabled = true;
         o.connection.tls.verify_peer = false;
       }},
      {"tls.certificate_file:",
       [](ConsumerOptions& o) {
         o.connection.tls.enabled = true;
         o.connection.tls.ca_file = "ca";
         o.connection.tls.certificate_file = "certificate";
       }},
  };
  ConsumerOptions good;
  good.queue = "q";
  EXPECT_TRUE(Validate(good).ok()) << Validate(good).ToString();
  for (const Case& c : cases) {
    ConsumerOptions options = good;
    c.spoil(options);
    const Status status = Validate(options);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << c.names;
    EXPECT_EQ(status.message().rfind(c.names, 0), 0U) << status.message();
  }
}

TEST(Validate, RefusesMessagesThatNoRetryMakesFit) {
  struct Case {
    broker::Message message;
    std::string says;
  };
  const Case cases[] = {
      {MakeMessage(std::string(101, 'x'), "id"), "101 bytes exceed the limit of 100"},
      {MakeMessage("", std::string(256, 'i')), "message_id"},
      {MakeMessage("", "id", std::string(256, 'c')), "content_type"},
      {MakeMessageWithHeader(std::string(129, 'h'), ""), "name"},
      {MakeMessageWithHeader("h", std::string(100'000, 'v')), "headers"},
  };
  for (const Case& c : cases) {
    const Status status = Validate(c.message, 100);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << c.says;
    EXPECT_THAT(status.message(), HasSubstr(c.says));
  }
  EXPECT_TRUE(Validate(MakeMessage(std::string(100, 'x'), std::string(255, 'i')), 100).ok());
}

TEST(Watchdog, ShutsTheSocketOfACallThatHangs) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  ManualClock clock;
  clock.Advance(seconds(1000));
  Watchdog dog(seconds(10), clock);
  dog.Watch(pair[0]);
  const auto open = [&] { return send(pair[0], "x", 1, MSG_NOSIGNAL) == 1; };
  EXPECT_EQ(dog.Check(), seconds(10)) << "no call";
  {
    const Watchdog::Call call(dog);
    clock.Advance(seconds(4));
    EXPECT_EQ(dog.Check(), seconds(6));
    EXPECT_TRUE(open());
  }
  clock.Advance(seconds(20));
  {
    const Watchdog::Call call(dog);
    dog.Check();
    EXPECT_TRUE(open()) << "a call that has just begun";
    clock.Advance(seconds(10));
    dog.Check();
    EXPECT_FALSE(open());
    dog.Check();
  }
  EXPECT_EQ(dog.freed(), 1U);
  close(pair[0]);
  close(pair[1]);
}

TEST(Watchdog, LeavesASocketAloneThatIsForgotten) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  ManualClock clock;
  clock.Advance(seconds(1));
  Watchdog dog(seconds(10), clock);
  dog.Watch(pair[0]);
  dog.Forget();
  const Watchdog::Call call(dog);
  clock.Advance(seconds(60));
  dog.Check();
  dog.Interrupt();
  EXPECT_EQ(send(pair[0], "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(dog.freed(), 0U);
  close(pair[0]);
  close(pair[1]);
}

TEST(Watchdog, ItsThreadLooksByItself) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  ManualClock clock;
  clock.Advance(seconds(1));
  Watchdog dog(seconds(10), clock);
  dog.Watch(pair[0]);
  const Watchdog::Call call(dog);
  dog.Start();
  clock.WaitForSleepers(1);
  clock.Advance(seconds(11));
  char byte = 0;
  EXPECT_EQ(recv(pair[1], &byte, 1, 0), 0) << "the end of the stream";
  dog.Stop();
  close(pair[0]);
  close(pair[1]);
}

}  // namespace
}  // namespace auditflow::rabbitmq
