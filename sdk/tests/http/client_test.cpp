#include "auditflow/http/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/http/raw_connection.hpp"

namespace auditflow::http {
namespace {

/// Accepts connections one after the other, reads the heads of requests and answers with fixed
/// bytes: with those of the first connection, then with those of the next.
class FakeServer {
 public:
  using Answers = std::vector<std::string>;

  explicit FakeServer(std::string answer, bool close_after = true)
      : FakeServer(std::vector<Answers>{{std::move(answer)}}, close_after) {}
  explicit FakeServer(std::vector<Answers> connections, bool close_after = true) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    listen(listener_, 1);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, connections = std::move(connections), close_after] {
      for (const Answers& answers : connections) Serve(answers, close_after);
    });
  }
  ~FakeServer() {
    client_gone_.set_value();
    thread_.join();
    close(listener_);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] ClientOptions Options() const {
    ClientOptions options;
    options.host = "127.0.0.1";
    options.port = port_;
    return options;
  }

 private:
  void Serve(const Answers& answers, bool close_after) {
    const int fd = accept(listener_, nullptr, nullptr);
    for (const std::string& answer : answers) {
      std::string request;
      std::array<char, 1024> bytes{};
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
        if (size <= 0) break;
        request.append(bytes.data(), static_cast<std::size_t>(size));
      }
      (void)send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    if (!close_after) client_gone_.get_future().wait();
    close(fd);
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::promise<void> client_gone_;
  std::thread thread_;
};

struct Answer {
  const char* name;
  std::string bytes;
  StatusCode code;  ///< kOk: status 200, body "ok"
};

class AnswerTest : public ::testing::TestWithParam<Answer> {};

TEST_P(AnswerTest, IsReadOrRefused) {
  const FakeServer server(GetParam().bytes);
  ClientOptions options = server.Options();
  options.max_header_bytes = 1000;
  options.max_body_bytes = 1000;
  const auto response = Get(options, "/");
  if (GetParam().code == StatusCode::kOk) {
    ASSERT_TRUE(response.has_value()) << response.error().ToString();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "ok");
  } else {
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().code(), GetParam().code) << response.error().ToString();
    EXPECT_THAT(response.error().message(), ::testing::HasSubstr("127.0.0.1:"));
  }
}

constexpr const char* kOkHead = "HTTP/1.1 200 OK\r\n";

INSTANTIATE_TEST_SUITE_P(
    All, AnswerTest,
    ::testing::Values(
        Answer{"Length", std::string(kOkHead) + "Content-Length: 2\r\n\r\nok", StatusCode::kOk},
        Answer{"Chunked",
               std::string(kOkHead) + "Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n"
                                      "\r\n",
               StatusCode::kOk},
        Answer{"UntilClose", std::string(kOkHead) + "\r\nok", StatusCode::kOk},
        Answer{
            "AfterContinue",
            "HTTP/1.1 100 Continue\r\n\r\n" + std::string(kOkHead) + "Content-Length: 2\r\n\r\nok",
            StatusCode::kOk},
        Answer{"Nothing", "", StatusCode::kUnavailable},
        Answer{"CutInTheHead", kOkHead, StatusCode::kUnavailable},
        Answer{"CutInTheBody", std::string(kOkHead) + "Content-Length: 3\r\n\r\nok",
               StatusCode::kUnavailable},
        Answer{"NotHttp", "220 mail.example.org ESMTP\r\n\r\n", StatusCode::kDataLoss},
        Answer{"BadChunk", std::string(kOkHead) + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
               StatusCode::kDataLoss},
        Answer{"LongBody",
               std::string(kOkHead) + "Content-Length: 2000\r\n\r\n" + std::string(2000, 'x'),
               StatusCode::kResourceExhausted},
        Answer{"LongBodyUntilClose", std::string(kOkHead) + "\r\n" + std::string(2000, 'x'),
               StatusCode::kResourceExhausted},
        Answer{"LongHead", std::string(kOkHead) + "X: " + std::string(2000, 'x') + "\r\n\r\n",
               StatusCode::kResourceExhausted}),
    [](const auto& test) { return test.param.name; });

TEST(Client, GivesUpWhenTheAnswerDoesNotCome) {
  const FakeServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", false);
  ClientOptions options = server.Options();
  options.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(Get(options, "/").error().code(), StatusCode::kDeadlineExceeded);
}

TEST(Client, NamesTheAddressThatRefuses) {
  ClientOptions options;
  options.host = "127.0.0.1";
  options.port = testing::StartServer()->port();  // closed again
  const auto response = Get(options, "/");
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.error().message(),
              ::testing::StartsWith("127.0.0.1:" + std::to_string(options.port)));
}

TEST(Client, RefusesRequestsThatCouldBreakTheMessage) {
  const ClientOptions options;
  const auto refused = [&options](ClientRequest request) {
    const auto response = Send(options, request);
    return !response && response.error().code() == StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused({.method = "GE T"}));
  EXPECT_TRUE(refused({.target = "/a b"}));
  EXPECT_TRUE(refused({.target = "/a\r\nX: y"}));
  EXPECT_TRUE(refused({.target = "a"}));
  EXPECT_TRUE(refused({.content_type = "a\r\nb"}));
  EXPECT_TRUE(refused({.headers = {{"X", "a\nb"}}}));
  EXPECT_TRUE(refused({.headers = {{"X:", "a"}}}));
  EXPECT_TRUE(refused({.headers = {{"content-length", "1"}}}));
}

TEST(Client, ReadsOnlyTheHeadersOfAHeadAnswer) {
  const auto server = testing::StartServer();
  ClientOptions options;
  options.port = server->port();
  options.host = "127.0.0.1";
  ClientRequest request;
  request.method = "HEAD";
  request.target = "/hello";
  const auto response = Send(options, request);
  ASSERT_TRUE(response.has_value()) << response.error().ToString();
  EXPECT_EQ(response->Header("content-length"), "5");
  EXPECT_EQ(response->body, "");
}

class ClientPoolTest : public ::testing::Test {
 protected:
  Client& client() {
    if (client_ == nullptr) client_ = std::make_unique<Client>(Options(), pool_, clock_);
    return *client_;
  }
  [[nodiscard]] ClientOptions Options() const {
    ClientOptions options;
    options.host = "127.0.0.1";
    options.port = server_->port();
    return options;
  }
  std::string Hello() {
    const auto response = client().Send({.target = "/hello"});
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().ToString());
    return response ? response->body : "";
  }
  std::uint64_t Accepted() { return server_->Statistics().connections_accepted; }

  ManualClock clock_;
  ClientPoolOptions pool_;
  std::unique_ptr<HttpServer> server_ = testing::StartServer();
  std::unique_ptr<Client> client_;
};

TEST_F(ClientPoolTest, KeepsItsConnection) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Hello(), "hello");
  EXPECT_TRUE(client().Send({.method = "HEAD", .target = "/hello"})->body.empty());
  EXPECT_EQ(Accepted(), 1U);
}

TEST_F(ClientPoolTest, KeepsNoneThatNobodyHasUsedForLong) {
  EXPECT_EQ(Hello(), "hello");
  clock_.Advance(pool_.idle_time);
  EXPECT_EQ(Hello(), "hello");
  EXPECT_EQ(Accepted(), 2U);
}

TEST_F(ClientPoolTest, KeepsNoMoreThanItMay) {
  pool_.max_idle = 0;
  EXPECT_EQ(Hello() + Hello(), "hellohello");
  EXPECT_EQ(Accepted(), 2U);
}

TEST_F(ClientPoolTest, RequestsAtOnceHaveAConnectionEach) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t, &client = client()] {
      for (int i = 0; i < 50; ++i) {
        const std::string word = std::to_string(t) + "-" + std::to_string(i);
        const auto response = client.Send({.target = "/echo/" + word});
        ASSERT_TRUE(response.has_value()) << response.error().ToString();
        EXPECT_EQ(response->body, word);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(Accepted(), 4U);
}

TEST_F(ClientPoolTest, AServerThatStartsAnewIsNoFailure) {
  EXPECT_EQ(Hello(), "hello");
  ServerOptions options;
  options.port = server_->port();
  server_.reset();
  server_ = testing::StartServer(options);
  EXPECT_EQ(Hello(), "hello");
}

TEST_F(ClientPoolTest, OnlyWhatMayBeRepeatedGoesOverAUsedConnection) {
  EXPECT_EQ(Hello(), "hello");
  const auto posted = client().Send({.method = "POST", .target = "/echo", .body = "x"});
  EXPECT_EQ(posted->body, "x");
  EXPECT_EQ(Accepted(), 2U);
}

TEST(ClientPool, ARequestGoesOverANewConnectionIfTheUsedOneBreaks) {
  const std::string ok = std::string(kOkHead) + "Content-Length: 2\r\n\r\nok";
  const FakeServer server({{ok, ""}, {ok}});
  Client client(server.Options());
  EXPECT_EQ(client.Send({})->body, "ok");
  const auto second = client.Send({});
  ASSERT_TRUE(second.has_value()) << second.error().ToString();
  EXPECT_EQ(second->body, "ok");
}

TEST(ClientPool, WhatBreaksInTheMiddleOfAnAnswerIsNotRepeated) {
  const std::string ok = std::string(kOkHead) + "Content-Length: 2\r\n\r\nok";
  const FakeServer server({{ok, ok.substr(0, ok.size() - 1)}});
  Client client(server.Options());
  EXPECT_EQ(client.Send({})->body, "ok");
  EXPECT_EQ(client.Send({}).error().code(), StatusCode::kUnavailable);
}

TEST(ClientPool, AConnectionWithMoreThanTheAnswerIsNotUsedAgain) {
  const FakeServer server(std::string(kOkHead) + "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK",
                          false);
  ClientOptions options = server.Options();
  options.timeout = std::chrono::milliseconds(100);
  Client client(options);
  EXPECT_EQ(client.Send({})->body, "ok");
  EXPECT_FALSE(client.Send({}).has_value()) << "the fake takes one connection";
}

}  // namespace
}  // namespace auditflow::http
