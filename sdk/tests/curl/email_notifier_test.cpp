#include "auditflow/curl/email_notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/curl/tcp_server.hpp"
#include "tests/store/numbered_alerts.hpp"

namespace auditflow::curl {
namespace {

using Kind = notify::DeliveryOutcome::Kind;
using store::NumberedAlert;
using testing::HasSubstr;
using testing::Not;

/// A mail server without TLS that answers as it is told.
class MailServer {
 public:
  /// Replies by the first word of a command; others are "250 ok".
  using Replies = std::vector<std::pair<std::string, std::string>>;
  explicit MailServer(Replies replies = {}) : replies_(std::move(replies)) {}

  [[nodiscard]] EmailOptions Options() const {
    EmailOptions options;
    options.host = "127.0.0.1";
    options.port = server_->port();
    options.connect_timeout = std::chrono::seconds(1);
    options.security = MailSecurity::kNone;
    options.from = "audit@example.com";
    options.to = {"ops@example.com", "soc@example.com"};
    return options;
  }
  /// Before one looks at what came.
  void Stop() { server_.reset(); }
  std::vector<std::string> commands;
  std::string mail;  ///< as it came, lines ending in LF

 private:
  [[nodiscard]] std::string ReplyTo(const std::string& command) const {
    for (const auto& [word, reply] : replies_) {
      if (command.starts_with(word)) return reply;
    }
    if (command.starts_with("DATA")) return "354 go on";
    return command.starts_with("QUIT") ? "221 bye" : "250 ok";
  }
  void Serve(Peer& peer) {
    peer.Write("220 stub\r\n");
    for (std::string line = peer.ReadLine(); !line.empty(); line = peer.ReadLine()) {
      commands.push_back(line);
      const std::string reply = ReplyTo(line);
      peer.Write(reply + "\r\n");
      if (reply.starts_with("354")) ReadMail(peer);
      if (line.starts_with("QUIT")) return;
    }
  }
  void ReadMail(Peer& peer) {
    for (std::string line = peer.ReadLine(); line != "."; line = peer.ReadLine()) {
      mail += line + "\n";
      if (mail.size() > 1'000'000) return;
    }
    peer.Write(ReplyTo("END-OF-DATA") + "\r\n");
  }

  const Replies replies_;
  std::unique_ptr<TcpServer> server_ =
      std::make_unique<TcpServer>([this](Peer& peer) { Serve(peer); });
};

notify::DeliveryOutcome Deliver(const EmailOptions& options) {
  ManualClock clock{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
  alert::Alert alert = NumberedAlert(1);
  alert.description = ".\n..\nthe end";
  return EmailNotifier::Create(options, clock).value()->Deliver({"key-1", alert, 1}, {});
}

TEST(EmailNotifier, SendsOneMailToAll) {
  MailServer server;
  const auto outcome = Deliver(server.Options());
  server.Stop();
  EXPECT_EQ(outcome.kind, Kind::kDelivered) << outcome.error;
  EXPECT_THAT(server.commands,
              testing::IsSupersetOf({testing::StartsWith("MAIL FROM:<audit@example.com>"),
                                     testing::StartsWith("RCPT TO:<ops@example.com>"),
                                     testing::StartsWith("RCPT TO:<soc@example.com>"),
                                     testing::StartsWith("DATA")}));
  EXPECT_THAT(server.mail, HasSubstr("Message-ID: <key-1@example.com>\n"));
  EXPECT_THAT(server.mail, HasSubstr("Date: Fri, 20 Nov 2026 19:00:00 +0000\n"));
  EXPECT_THAT(server.mail,
              HasSubstr("Subject: [AuditFlow] [HIGH] Multiple Failed Login Attempts\n"));
  // A line that begins with a dot is sent with another one before it (RFC 5321 section 4.5.2).
  EXPECT_THAT(server.mail, HasSubstr("\n..\n...\nthe end\n"));
}

TEST(EmailNotifier, JudgesByTheReply) {
  struct Case {
    const char* command;
    const char* reply;
    Kind kind;
  };
  for (const Case& c :
       {Case{"MAIL", "550 no such sender", Kind::kRefused},
        Case{"MAIL", "451 try later", Kind::kRetry},
        Case{"RCPT", "550 no such user", Kind::kRefused}, Case{"RCPT", "450 busy", Kind::kRetry},
        Case{"DATA", "554 no", Kind::kRefused}, Case{"END-OF-DATA", "552 too big", Kind::kRefused},
        Case{"END-OF-DATA", "452 full", Kind::kRetry}, Case{"EHLO", "not smtp", Kind::kRetry}}) {
    MailServer server(MailServer::Replies{{c.command, c.reply}});
    const auto outcome = Deliver(server.Options());
    EXPECT_EQ(outcome.kind, c.kind) << c.command << " " << c.reply << ": " << outcome.error;
  }
}

TEST(EmailNotifier, SendsNothingWhereTlsIsWantedAndNotThere) {
  MailServer server;
  EmailOptions options = server.Options();
  options.security = MailSecurity::kStartTls;
  options.user = "me";
  options.password = Secret("s3cret");
  const auto outcome = Deliver(options);
  server.Stop();
  EXPECT_EQ(outcome.kind, Kind::kRetry) << outcome.error;
  for (const std::string& command : server.commands) {
    EXPECT_THAT(command, Not(testing::StartsWith("MAIL")));
    EXPECT_THAT(command, Not(testing::StartsWith("AUTH")));
  }
}

TEST(EmailNotifier, AServerThatIsAwayOrSilentCanPass) {
  EmailOptions options;
  {
    MailServer server;
    options = server.Options();
  }
  EXPECT_EQ(Deliver(options).kind, Kind::kRetry);
  TcpServer silent([](Peer& peer) { peer.WaitForEnd(); });
  options.port = silent.port();
  options.timeout = std::chrono::milliseconds(200);
  EXPECT_EQ(Deliver(options).kind, Kind::kRetry);
}

TEST(EmailNotifier, NamesTheOptionThatIsWrong) {
  EmailOptions good;
  good.host = "mail.example.com";
  good.from = "a@example.com";
  good.to = {"b@example.com"};
  const auto error = [](const EmailOptions& options) {
    const auto notifier = EmailNotifier::Create(options);
    return notifier ? std::string() : notifier.error().message();
  };
  const auto with = [&](auto change) {
    EmailOptions options = good;
    change(options);
    return error(options);
  };
  EXPECT_EQ(error(good), "");
  EXPECT_THAT(with([](auto& o) { o.host = ""; }), testing::StartsWith("host: "));
  EXPECT_THAT(with([](auto& o) { o.host = "a/b?c"; }), testing::StartsWith("host: "));
  EXPECT_THAT(with([](auto& o) { o.port = 0; }), testing::StartsWith("port: "));
  EXPECT_THAT(with([](auto& o) { o.from = "A <a@b>"; }), testing::StartsWith("from: "));
  EXPECT_THAT(with([](auto& o) { o.to = {}; }), testing::StartsWith("to: "));
  EXPECT_THAT(with([](auto& o) { o.to = {"a@b", "c@d\r\n"}; }), testing::StartsWith("to: "));
  EXPECT_THAT(with([](auto& o) { o.subject_prefix = "a\r\nBcc: x"; }),
              testing::StartsWith("subject_prefix: "));
  EXPECT_THAT(with([](auto& o) {
                o.user = "me";
                o.security = MailSecurity::kNone;
              }),
              testing::StartsWith("user: "));
  EXPECT_THAT(with([](auto& o) { o.timeout = Duration::zero(); }),
              testing::StartsWith("timeout: "));
}

}  // namespace
}  // namespace auditflow::curl
