#include "auditflow/curl/webhook_notifier.hpp"

#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/curl/slack_notifier.hpp"
#include "auditflow/http/server.hpp"

#include "tests/curl/tcp_server.hpp"
#include "tests/store/numbered_alerts.hpp"

namespace auditflow::curl {
namespace {

using notify::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;
using store::NumberedAlert;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSecret = "s3cret";

/// A receiver that answers as it is told, on our own server.
class Sink {
 public:
  explicit Sink(http::Response answer) : answer_(std::move(answer)) {
    auto router = std::make_shared<http::Router>();
    router->Post("/hook", [this](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      return answer_;
    });
    server_ = http::HttpServer::Start({}, router).value();
  }
  [[nodiscard]] std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook?token=s3cret";
  }
  std::vector<http::Request> Requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  const http::Response answer_;
  std::mutex mutex_;
  std::vector<http::Request> requests_;
  std::unique_ptr<http::HttpServer> server_;
};

HttpOptions To(const std::string& url) {
  HttpOptions options;
  options.url = Secret(url);
  options.allow_http = true;
  options.allow_private_addresses = true;
  return options;
}

DeliveryOutcome Deliver(const WebhookOptions& options, const std::stop_token& abort = {}) {
  static ManualClock clock{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
  const auto notifier = WebhookNotifier::Create(options, clock).value();
  return notifier->Deliver({"key-1", NumberedAlert(1), 1}, abort);
}

TEST(WebhookNotifier, PostsTheAlertUnderItsKey) {
  Sink sink(http::Response::Text(202, "thanks"));
  WebhookOptions options{.http = To(sink.Url())};
  options.http.headers = {{"Authorization", Secret("Bearer abc")}};
  EXPECT_EQ(Deliver(options).kind, Kind::kDelivered);
  ASSERT_EQ(sink.Requests().size(), 1U);
  const http::Request request = sink.Requests()[0];
  EXPECT_EQ(request.Header("Idempotency-Key"), "key-1");
  EXPECT_EQ(request.Header("Content-Type"), "application/json");
  EXPECT_EQ(request.Header("Authorization"), "Bearer abc");
  EXPECT_EQ(request.Header("webhook-signature"), std::nullopt);
  EXPECT_EQ(request.body, alert::ToJson(NumberedAlert(1)));
}

TEST(WebhookNotifier, SignsAsStandardWebhooksSays) {
  Sink sink(http::Response::Text(200, ""));
  WebhookOptions options{.http = To(sink.Url())};
  options.signing_key = Secret("whsec_c2VjcmV0");  // "secret"
  EXPECT_EQ(Deliver(options).kind, Kind::kDelivered);
  const http::Request request = sink.Requests().at(0);
  EXPECT_EQ(request.Header("webhook-id"), "key-1");
  EXPECT_EQ(request.Header("webhook-timestamp"), "1795201200");
  EXPECT_THAT(std::string(request.Header("webhook-signature").value_or("")),
              testing::MatchesRegex("v1,[A-Za-z0-9+/]{43}="));
}

TEST(WebhookNotifier, JudgesByTheStatus) {
  struct Case {
    int status;
    Kind kind;
  };
  for (const Case& c :
       {Case{200, Kind::kDelivered}, Case{204, Kind::kDelivered}, Case{301, Kind::kRefused},
        Case{307, Kind::kRefused}, Case{400, Kind::kRefused}, Case{401, Kind::kRefused},
        Case{404, Kind::kRefused}, Case{408, Kind::kRetry}, Case{409, Kind::kRefused},
        Case{410, Kind::kRefused}, Case{425, Kind::kRetry}, Case{429, Kind::kRetry},
        Case{500, Kind::kRetry}, Case{503, Kind::kRetry}}) {
    http::Response answer =
        http::Response::Text(c.status, c.status == 204 ? "" : "no \x1b[31m way");
    answer.Set("Location", "http://127.0.0.1:1/elsewhere");
    Sink sink(answer);
    const DeliveryOutcome outcome = Deliver({.http = To(sink.Url())});
    EXPECT_EQ(outcome.kind, c.kind) << c.status;
    EXPECT_EQ(sink.Requests().size(), 1U) << c.status;
    if (c.kind != Kind::kDelivered) {
      EXPECT_THAT(outcome.error, HasSubstr("HTTP " + std::to_string(c.status) + ": no  [31m way"));
    }
    EXPECT_THAT(outcome.error, Not(HasSubstr(kSecret)));
    EXPECT_FALSE(outcome.retry_after.has_value());
  }
}

TEST(WebhookNotifier, HonoursRetryAfterInSecondsAndAsADate) {
  using std::chrono::seconds;
  struct Case {
    const char* header;
    std::optional<Duration> after;
  };
  for (const Case& c : {Case{"30", seconds(30)}, Case{"0", seconds(0)},
                        Case{"Fri, 20 Nov 2026 19:02:00 GMT", seconds(120)},
                        Case{"Fri, 20 Nov 2026 18:00:00 GMT", seconds(0)},
                        Case{"99999999999999999999", seconds(366 * 24 * 3600)},
                        Case{"-5", std::nullopt}, Case{"soon", std::nullopt}}) {
    http::Response answer = http::Response::Text(429, "slow down");
    answer.Set("Retry-After", c.header);
    Sink sink(answer);
    const DeliveryOutcome outcome = Deliver({.http = To(sink.Url())});
    EXPECT_EQ(outcome.kind, Kind::kRetry);
    EXPECT_EQ(outcome.retry_after, c.after) << c.header;
  }
}

TEST(WebhookNotifier, AnErrorWithStatus200CanBeTold) {
  Sink sink(http::Response::Json(200, R"({"ok":false,"error":"quota"})"));
  WebhookOptions options{.http = To(sink.Url())};
  EXPECT_EQ(Deliver(options).kind, Kind::kDelivered);
  options.expected_answer = R"("ok":true)";
  const DeliveryOutcome outcome = Deliver(options);
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_THAT(outcome.error, HasSubstr("quota"));
}

TEST(WebhookNotifier, RefusesAddressesThatAreNotPublic) {
  TcpServer server([](Peer& peer) { peer.WaitForEnd(); });
  HttpOptions options = To(server.Url());
  options.allow_private_addresses = false;
  for (const std::string& url :
       {server.Url(), "http://localhost:" + std::to_string(server.port()) + "/",
        "http://2130706433:" + std::to_string(server.port()) + "/", std::string("http://[::1]/"),
        std::string("http://169.254.169.254/latest/meta-data/"), std::string("http://0/"),
        std::string("http://[::ffff:127.0.0.1]/")}) {
    options.url = Secret(url);
    const DeliveryOutcome outcome = Deliver({.http = options});
    EXPECT_EQ(outcome.kind, Kind::kRefused) << url;
    EXPECT_THAT(outcome.error, HasSubstr("not public")) << url;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(WebhookNotifier, IgnoresTheEnvironmentsProxy) {
  Sink sink(http::Response::Text(200, ""));
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(Deliver({.http = To(sink.Url())}).kind, Kind::kDelivered);
  ::unsetenv("http_proxy");
}

TEST(WebhookNotifier, AReceiverThatNeverAnswersCanPass) {
  TcpServer server([](Peer& peer) { peer.WaitForEnd(); });
  HttpOptions options = To(server.Url());
  options.timeout = std::chrono::milliseconds(200);
  const DeliveryOutcome outcome = Deliver({.http = options});
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_THAT(outcome.error, HasSubstr("timed out"));
  EXPECT_THAT(outcome.error, Not(HasSubstr(kSecret)));
}

TEST(WebhookNotifier, AnAbortEndsAnAttemptThatIsUnderWay) {
  const auto abort = std::make_shared<std::stop_source>();
  TcpServer server([abort](Peer& peer) {
    peer.ReadHeaders();
    abort->request_stop();
    peer.WaitForEnd();
  });
  HttpOptions options = To(server.Url());
  options.timeout = std::chrono::minutes(5);
  EXPECT_EQ(Deliver({.http = options}, abort->get_token()).kind, Kind::kRetry);
}

TEST(WebhookNotifier, ReadsNoMoreThan64KiBOfAnAnswer) {
  std::size_t written = 0;
  {
    TcpServer server([&](Peer& peer) {
      peer.ReadHeaders();
      peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
      const std::string block(65'536, 'x');
      while (written < (std::size_t{1} << 30U) && peer.Write(block)) written += block.size();
    });
    EXPECT_EQ(Deliver({.http = To(server.Url())}).kind, Kind::kDelivered);
  }
  EXPECT_LT(written, std::size_t{64} << 20U);  // what the buffers of two sockets hold
}

TEST(WebhookNotifier, EndlessHeadersAreCutOff) {
  std::size_t written = 0;
  {
    TcpServer server([&](Peer& peer) {
      peer.ReadHeaders();
      peer.Write("HTTP/1.1 200 OK\r\n");
      const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
      while (written < (std::size_t{1} << 30U) && peer.Write(line)) written += line.size();
    });
    (void)Deliver({.http = To(server.Url())});
  }
  EXPECT_LT(written, std::size_t{64} << 20U);
}

TEST(WebhookNotifier, AnAnswerThatTricklesIn) {
  // The status decides, though the rest of the answer never comes.
  TcpServer server([](Peer& peer) {
    peer.ReadHeaders();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    peer.WaitForEnd();
  });
  HttpOptions options = To(server.Url());
  options.timeout = std::chrono::milliseconds(200);
  EXPECT_EQ(Deliver({.http = options}).kind, Kind::kDelivered);
}

TEST(WebhookNotifier, MalformedAnswersAndLostConnectionsCanPass) {
  for (const char* answer : {"", "garbage\r\n\r\n", "HTTP/1.1 \r\n\r\n", "\x16\x03\x01\x02"}) {
    TcpServer server([&](Peer& peer) {
      peer.ReadHeaders();
      peer.Write(answer);
    });
    EXPECT_EQ(Deliver({.http = To(server.Url())}).kind, Kind::kRetry) << answer;
  }
  std::string nowhere;
  {
    TcpServer gone([](Peer&) {});
    nowhere = gone.Url();
  }
  EXPECT_EQ(Deliver({.http = To(nowhere)}).kind, Kind::kRetry);
}

TEST(WebhookNotifier, AReceiverWithoutTlsCanPass) {
  TcpServer server([](Peer& peer) { peer.Write("HTTP/1.1 200 OK\r\n\r\n"); });
  const DeliveryOutcome outcome = Deliver({.http = To(server.Url("https"))});
  EXPECT_EQ(outcome.kind, Kind::kRetry);
}

TEST(WebhookNotifier, NamesTheOptionThatIsWrongAndNotItsValue) {
  const auto error = [](const WebhookOptions& options) {
    const auto notifier = WebhookNotifier::Create(options);
    return notifier ? std::string() : notifier.error().message();
  };
  HttpOptions good;
  good.url = Secret("https://hooks.example.com/s3cret");
  EXPECT_EQ(error({.http = good}), "");
  for (const char* url :
       {"", "hooks", "ftp://example.com/", "file:///etc/passwd", "http://example.com/s3cret",
        "https://exa mple.com/", "https://example.com/\r\nX: y", "gopher://example.com"}) {
    HttpOptions options = good;
    options.url = Secret(url);
    EXPECT_THAT(error({.http = options}), testing::StartsWith("url: ")) << url;
    EXPECT_THAT(error({.http = options}), Not(HasSubstr(kSecret)));
  }
  HttpOptions options = good;
  options.headers = {{"X-Bad\r\n", Secret("a")}};
  EXPECT_THAT(error({.http = options}), testing::StartsWith("headers: "));
  options.headers = {{"X-Good", Secret("a\r\nX: s3cret")}};
  EXPECT_THAT(error({.http = options}), testing::StartsWith("headers: "));
  EXPECT_THAT(error({.http = good, .signing_key = Secret("whsec_!!")}),
              testing::StartsWith("signing_key: "));
  options = good;
  options.timeout = Duration::zero();
  EXPECT_EQ(error({.http = options}), "timeout: must be more than 0");
}

TEST(WebhookNotifier, DescribesItselfWithoutItsSecrets) {
  HttpOptions options;
  options.url = Secret("https://user:s3cret@hooks.example.com:8443/s3cret?x=s3cret");
  EXPECT_EQ(WebhookNotifier::Create({.http = options}).value()->Describe(),
            "webhook https://hooks.example.com:8443");
}

TEST(SlackNotifier, OnlyTheAnswerOkIsDelivered) {
  struct Case {
    int status;
    const char* body;
    Kind kind;
  };
  for (const Case& c :
       {Case{200, "ok", Kind::kDelivered}, Case{200, "cookie wall", Kind::kRetry},
        Case{400, "invalid_payload", Kind::kRefused}, Case{404, "no_service", Kind::kRefused},
        Case{429, "rate_limited", Kind::kRetry}}) {
    Sink sink(http::Response::Text(c.status, c.body));
    const auto notifier = SlackNotifier::Create({.http = To(sink.Url())}).value();
    EXPECT_EQ(notifier->Deliver({"key", NumberedAlert(1), 1}, {}).kind, c.kind) << c.body;
  }
}

}  // namespace
}  // namespace auditflow::curl
