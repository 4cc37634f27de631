#include "auditflow/http/server.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <dirent.h>
#include <gtest/gtest.h>

#include "auditflow/http/client.hpp"
#include "auditflow/http/problem.hpp"

#include "tests/http/raw_connection.hpp"

namespace auditflow::http {
namespace {

using testing::BodyOf;
using testing::EchoRouter;
using testing::RawConnection;
using testing::StartServer;
using testing::StatusOf;

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

ClientOptions To(const HttpServer& server) {
  ClientOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.timeout = std::chrono::seconds(10);
  return options;
}

std::size_t CountEntries(const char* directory) {
  std::size_t count = 0;
  DIR* dir = opendir(directory);
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

/// A handler that waits until the test lets it go.
class Gate {
 public:
  void Open() { opened_.set_value(); }
  void WaitUntilEntered() { entered_.get_future().wait(); }
  Response Pass() {
    entered_.set_value();
    opened_.get_future().wait();
    return Response::Text(200, "through");
  }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

std::shared_ptr<Router> GateRouter(Gate& gate) {
  auto router = EchoRouter();
  router->Get("/gate", [&gate](const Request&) { return gate.Pass(); });
  return router;
}

TEST(Server, AnswersWithTheDefaultHeaders) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  connection.Send(kHello);
  const std::string response = connection.ReadResponse();
  EXPECT_EQ(StatusOf(response), 200);
  EXPECT_EQ(BodyOf(response), "hello");
  EXPECT_NE(response.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(response.find("Date: "), std::string::npos);
}

TEST(Server, TakesAFreePortAndNamesTheAddressOfATakenOne) {
  const auto server = StartServer();
  ASSERT_NE(server->port(), 0);
  ServerOptions options;
  options.port = server->port();
  const auto second = HttpServer::Start(options, EchoRouter());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), StatusCode::kUnavailable);
  EXPECT_NE(second.error().message().find("127.0.0.1:" + std::to_string(server->port())),
            std::string::npos)
      << second.error().message();
}

TEST(Server, RefusesUnusableOptionsByName) {
  ServerOptions options;
  options.threads = 0;
  EXPECT_EQ(HttpServer::Start(options, EchoRouter()).error().message(),
            "threads: must be between 1 and 1024");
  options = {};
  options.limits.idle_timeout = Duration::zero();
  EXPECT_EQ(HttpServer::Start(options, EchoRouter()).error().message(),
            "limits.idle_timeout: must be positive");
  EXPECT_EQ(HttpServer::Start({}, nullptr).error().message(), "router: is null");
  options = {};
  options.address = "not an address";
  EXPECT_EQ(HttpServer::Start(options, EchoRouter()).error().code(), StatusCode::kUnavailable);
}

TEST(Server, TenThousandRequestsOverOneConnection) {
  ServerOptions options;
  options.limits.max_requests_per_connection = 20'000;
  const auto server = StartServer(options);
  RawConnection connection(server->port());
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(connection.Send(kHello));
    ASSERT_EQ(StatusOf(connection.ReadResponse()), 200) << i;
  }
  EXPECT_EQ(server->Statistics().requests, 10'000U);
  EXPECT_EQ(server->Statistics().connections_accepted, 1U);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += "GET /echo/w" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  connection.Send(requests);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(BodyOf(connection.ReadResponse()), "w" + std::to_string(i));
  }
}

TEST(Server, ClosesAfterTheLastRequestOfAConnection) {
  ServerOptions options;
  options.limits.max_requests_per_connection = 2;
  const auto server = StartServer(options);
  RawConnection connection(server->port());
  connection.Send(kHello);
  EXPECT_EQ(connection.ReadResponse().find("Connection: close"), std::string::npos);
  connection.Send(kHello);
  EXPECT_NE(connection.ReadAll().find("Connection: close"), std::string::npos);
}

TEST(Server, ARequestArrivingByteByByteIsUnderstood) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  for (const char c :
       std::string_view("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
                        "\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n")) {
    ASSERT_TRUE(connection.Send({&c, 1}));
  }
  EXPECT_EQ(BodyOf(connection.ReadResponse()), "abc");
  connection.Send(kHello);
  EXPECT_EQ(StatusOf(connection.ReadResponse()), 200);
}

TEST(Server, SpeaksHttp10) {
  const auto server = StartServer();
  RawConnection closing(server->port());
  closing.Send("GET /hello HTTP/1.0\r\n\r\n");
  const std::string closed = closing.ReadAll();
  EXPECT_EQ(BodyOf(closed), "hello");
  EXPECT_NE(closed.find("Connection: close"), std::string::npos);

  RawConnection keeping(server->port());
  for (int i = 0; i < 2; ++i) {
    keeping.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(keeping.ReadResponse().find("Connection: keep-alive"), std::string::npos);
  }
}

TEST(Server, HeadHasTheLengthOfTheBodyAndNoBody) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  connection.Send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string response = connection.ReadResponse(true);
  EXPECT_NE(response.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(BodyOf(response), "");
  connection.Send(kHello);  // would be garbled by a body
  EXPECT_EQ(BodyOf(connection.ReadResponse()), "hello");
}

TEST(Server, NamesTheAllowedMethods) {
  const auto server = StartServer();
  const auto wrong = Post(To(*server), "/hello", "{}");
  ASSERT_TRUE(wrong.has_value());
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->Header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(wrong->Header("content-type"), "application/problem+json");
  ClientRequest options;
  options.method = "OPTIONS";
  options.target = "/echo";
  const auto allowed = Send(To(*server), options);
  ASSERT_TRUE(allowed.has_value());
  EXPECT_EQ(allowed->status, 204);
  EXPECT_EQ(allowed->Header("allow"), "OPTIONS, POST");
}

TEST(Server, SendsContinueBeforeABodyThatWaitsForIt) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  connection.Send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(StatusOf(connection.ReadResponse()), 100);
  connection.Send("abc");
  EXPECT_EQ(BodyOf(connection.ReadResponse()), "abc");
}

TEST(Server, RefusesALargeBodyInsteadOfAskingForIt) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  connection.Send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
  EXPECT_EQ(StatusOf(connection.ReadAll()), 413);
}

TEST(Server, TheAnswerToALargeBodyArrivesAlthoughTheClientIsStillSending) {
  const auto server = StartServer();
  const auto response = Post(To(*server), "/echo", std::string(5'000'000, 'x'), "text/plain");
  ASSERT_TRUE(response.has_value()) << response.error().ToString();
  EXPECT_EQ(response->status, 413);
}

TEST(Server, ABodyOfExactlyTheLimitPasses) {
  ServerOptions options;
  options.limits.max_body_bytes = 1000;
  const auto server = StartServer(options);
  const auto response = Post(To(*server), "/echo", std::string(1000, 'x'), "text/plain");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body.size(), 1000U);
  EXPECT_EQ(Post(To(*server), "/echo", std::string(1001, 'x'))->status, 413);
}

TEST(Server, AHandlerThatThrowsCostsOneRequest) {
  auto router = EchoRouter();
  router->Get("/throws", [](const Request&) -> Response { throw std::runtime_error("secret"); });
  std::mutex mutex;
  std::vector<std::string> errors;
  ServerOptions options;
  options.on_exchange = [&](const Exchange& exchange) {
    const std::scoped_lock lock(mutex);
    errors.emplace_back(exchange.error);
  };
  const auto server = StartServer(options, router);
  RawConnection connection(server->port());
  connection.Send("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string response = connection.ReadResponse();
  EXPECT_EQ(StatusOf(response), 500);
  EXPECT_EQ(response.find("secret"), std::string::npos);
  connection.Send(kHello);
  EXPECT_EQ(StatusOf(connection.ReadResponse()), 200);
  const std::scoped_lock lock(mutex);
  EXPECT_EQ(errors, (std::vector<std::string>{"secret", ""}));
}

TEST(Server, AHandlersUnsafeHeaderBecomesA500) {
  auto router = EchoRouter();
  router->Get("/split", [](const Request& request) {
    return Response::Text(200, "").Set("X-Name", request.Query("name").value_or(""));
  });
  const auto server = StartServer({}, router);
  const auto response = Get(To(*server), "/split?name=a%0d%0aSet-Cookie:%20x=1");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->Header("Set-Cookie"), "");
}

TEST(Server, HandlersNeverRunOnTheIoThread) {
  Gate gate;
  ServerOptions options;
  options.threads = 2;
  const auto server = StartServer(options, GateRouter(gate));
  RawConnection blocked(server->port());
  blocked.Send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  gate.WaitUntilEntered();
  EXPECT_EQ(Get(To(*server), "/hello")->status, 200);
  gate.Open();
  EXPECT_EQ(BodyOf(blocked.ReadResponse()), "through");
}

TEST(Server, TurnsAwayWhatIsOverTheConnectionLimit) {
  ServerOptions options;
  options.limits.max_connections = 1;
  const auto server = StartServer(options);
  {
    RawConnection first(server->port());
    first.Send(kHello);
    EXPECT_EQ(StatusOf(first.ReadResponse()), 200);
    const auto second = Get(To(*server), "/hello");
    ASSERT_TRUE(second.has_value()) << second.error().ToString();
    EXPECT_EQ(second->status, 503);
    EXPECT_EQ(second->Header("Retry-After"), "1");
    first.Send(kHello);
    EXPECT_EQ(StatusOf(first.ReadResponse()), 200);
  }
  EXPECT_EQ(server->Statistics().connections_refused, 1U);
}

TEST(Server, ManyClientsAtOnceEachGetTheirOwnAnswers) {
  const auto server = StartServer();
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      RawConnection connection(server->port());
      for (int i = 0; i < 200; ++i) {
        const std::string word = "c" + std::to_string(c) + "-" + std::to_string(i);
        connection.Send("GET /echo/" + word + " HTTP/1.1\r\nHost: a\r\n\r\n");
        if (BodyOf(connection.ReadResponse()) != word) ++wrong;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(server->Statistics().requests, 1600U);
}

TEST(ServerShutdown, FinishesWhatHasBegunAndAcceptsNothingNew) {
  Gate gate;
  const auto server = StartServer({}, GateRouter(gate));
  RawConnection idle(server->port());
  idle.Send(kHello);
  (void)idle.ReadResponse();
  RawConnection busy(server->port());
  busy.Send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  gate.WaitUntilEntered();
  auto stopped =
      std::async(std::launch::async, [&] { return server->Shutdown(std::chrono::seconds(30)); });
  EXPECT_EQ(idle.ReadAll(), "");  // closed at once
  EXPECT_FALSE(RawConnection(server->port()).connected());
  gate.Open();
  const std::string response = busy.ReadAll();
  EXPECT_EQ(BodyOf(response), "through");
  EXPECT_NE(response.find("Connection: close"), std::string::npos);
  busy.Close();
  EXPECT_TRUE(stopped.get().ok());
}

TEST(ServerShutdown, CutsAndSaysSoWhenTheGraceIsOver) {
  const auto server = StartServer();
  RawConnection stuck(server->port());
  stuck.Send(kHello);
  (void)stuck.ReadResponse();
  stuck.Send("GET /hello HT");
  // The half request has been read once a request on another connection has gone round.
  EXPECT_EQ(Get(To(*server), "/hello")->status, 200);
  EXPECT_EQ(server->Shutdown(std::chrono::milliseconds(1)).code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(stuck.ReadAll(), "");
  EXPECT_TRUE(server->Shutdown(Duration::zero()).ok());
}

TEST(ServerShutdown, AHandlerCannotShutItsOwnServerDown) {
  std::unique_ptr<HttpServer> server;
  std::promise<Status> asked;
  auto router = EchoRouter();
  router->Post("/stop", [&](const Request&) {
    asked.set_value(server->Shutdown(std::chrono::seconds(1)));
    return Response::Text(200, "");
  });
  server = StartServer({}, router);
  EXPECT_EQ(Post(To(*server), "/stop", "")->status, 200);
  EXPECT_EQ(asked.get_future().get().code(), StatusCode::kFailedPrecondition);
}

TEST(ServerShutdown, LeavesNoThreadAndNoDescriptorBehind) {
  StartServer().reset();  // whatever the first server sets up for good
  const std::size_t threads = CountEntries("/proc/self/task");
  const std::size_t descriptors = CountEntries("/proc/self/fd");
  for (int round = 0; round < 5; ++round) {
    const auto server = StartServer();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(To(*server), "/hello")->status, 200);
    RawConnection abandoned(server->port());
    abandoned.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    abandoned.Close();
  }
  EXPECT_EQ(CountEntries("/proc/self/fd"), descriptors);
  EXPECT_EQ(CountEntries("/proc/self/task"), threads);
}

}  // namespace
}  // namespace auditflow::http
