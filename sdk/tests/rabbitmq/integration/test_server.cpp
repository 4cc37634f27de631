#include "tests/rabbitmq/integration/test_server.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace auditflow::rabbitmq {
namespace {

/// The value of a key in the script's flat JSON file; empty if there is none.
std::string ValueOf(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\": ");
  if (at == std::string::npos) return {};
  std::string value = json.substr(at + key.size() + 4);
  value.resize(value.find('\n'));
  if (value.ends_with(',')) value.pop_back();
  return value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
}

std::string Quoted(const std::string& argument) {
  std::string quoted = "'";
  for (const char c : argument) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string RunProgram(const std::vector<std::string>& words) {
  std::string command;
  for (const std::string& word : words) command += Quoted(word) + " ";
  command += "2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): quoted above
  if (pipe == nullptr) return "popen failed";
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), got);
  }
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << output;
  return output;
}

std::optional<TestServer> TestServer::Find(std::string& why) {
  // The folder of the program: ctest and people start it alike.
  const char* folder = std::getenv("AUDITFLOW_RABBITMQ");
  const std::ifstream file(std::string(folder == nullptr ? "" : folder) + "/server.json");
  std::ostringstream text;
  text << file.rdbuf();
  why = ValueOf(text.str(), "missing");
  const std::string port = ValueOf(text.str(), "port");
  if (port.empty()) {
    if (why.empty()) why = "AUDITFLOW_RABBITMQ names no folder of a server (rabbitmq_server.py)";
    return std::nullopt;
  }
  TestServer server;
  server.folder_ = folder;
  server.port_ = static_cast<std::uint16_t>(std::stoul(port));
  server.tls_port_ = static_cast<std::uint16_t>(std::stoul(ValueOf(text.str(), "tls_port")));
  return server;
}

ConnectionOptions TestServer::Connection() const {
  ConnectionOptions options;
  options.host = "localhost";
  options.port = port_;
  options.backoff = {std::chrono::milliseconds(20), std::chrono::milliseconds(200)};
  options.permanent_retry = std::chrono::milliseconds(200);
  return options;
}

void TestServer::Run(const std::string& command) const {
  RunProgram({"python3", "-B", AUDITFLOW_RABBITMQ_SCRIPT, command, folder_});
}

std::string TestServer::Ctl(const std::vector<std::string>& arguments) const {
  std::vector<std::string> words = {"python3", "-B", AUDITFLOW_RABBITMQ_SCRIPT, "ctl", folder_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return RunProgram(words);
}

std::string FreshName() {
  static std::atomic<int> count = 0;
  return "t" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

PublisherOptions PublisherFor(const TestServer& server, const std::string& queue) {
  PublisherOptions options;
  options.connection = server.Connection();
  options.queue = queue;
  return options;
}

ConsumerOptions ConsumerFor(const TestServer& server, const std::string& queue) {
  ConsumerOptions options;
  options.connection = server.Connection();
  options.queue = queue;
  return options;
}

void RabbitMqTest::SetUp() {
  std::string why;
  server_ = TestServer::Find(why);
  if (!server_) GTEST_SKIP() << why;
}

Status PublishNumbers(broker::Publisher& publisher, int from, int to, Duration timeout) {
  std::vector<broker::Message> messages;
  for (int i = from; i < to; ++i) {
    messages.emplace_back();
    messages.back().body = messages.back().message_id = std::to_string(i);
  }
  return publisher.Publish(messages, timeout);
}

std::vector<broker::Delivery> TakeAll(broker::Consumer& consumer, std::size_t count) {
  std::vector<broker::Delivery> all;
  const Duration give_up = SystemClock().Monotonic() + std::chrono::seconds(30);
  while (all.size() < count && SystemClock().Monotonic() < give_up) {
    auto some = consumer.Receive(count - all.size(), std::chrono::seconds(1));
    if (!some) continue;
    std::move(some->begin(), some->end(), std::back_inserter(all));
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

std::vector<std::uint64_t> TagsOf(const std::vector<broker::Delivery>& deliveries) {
  std::vector<std::uint64_t> tags;
  for (const broker::Delivery& delivery : deliveries) tags.push_back(delivery.tag);
  return tags;
}

std::vector<std::string> BodiesOf(const std::vector<broker::Delivery>& deliveries) {
  std::vector<std::string> bodies;
  for (const broker::Delivery& delivery : deliveries) bodies.push_back(delivery.message.body);
  return bodies;
}

std::unique_ptr<RabbitMqPublisher> ReadyPublisher(PublisherOptions options) {
  auto made = RabbitMqPublisher::Create(std::move(options));
  EXPECT_TRUE(made.has_value());
  const Status ready = (*made)->WaitUntilReady(std::chrono::seconds(30));
  EXPECT_TRUE(ready.ok()) << ready.ToString();
  return std::move(*made);
}

std::unique_ptr<RabbitMqConsumer> ReadyConsumer(ConsumerOptions options) {
  auto made = RabbitMqConsumer::Create(std::move(options));
  EXPECT_TRUE(made.has_value());
  const Status ready = (*made)->WaitUntilReady(std::chrono::seconds(30));
  EXPECT_TRUE(ready.ok()) << ready.ToString();
  return std::move(*made);
}

}  // namespace auditflow::rabbitmq
