#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>

#include "src/curl/addresses.hpp"
#include "src/curl/mail_message.hpp"
#include "src/curl/signature.hpp"
#include "src/curl/slack_message.hpp"
#include "tests/store/numbered_alerts.hpp"

namespace auditflow::curl {
namespace {

using store::NumberedAlert;
using testing::HasSubstr;
using testing::Not;

bool IsPublic(const char* text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    return IsPublicAddress(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(::inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
  return IsPublicAddress(reinterpret_cast<const sockaddr*>(&v6));
}

TEST(Addresses, PublicOnesAreKnown) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
        "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(IsPublic(text)) << text;
  }
}

TEST(Addresses, OthersAreNot) {
  for (const char* text : {"0.0.0.0",
                           "10.0.0.1",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::a00:1",
                           "2002:7f00:1::",
                           "2001:db8::1",
                           "2001::1"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
}

TEST(Signature, MatchesTheSpecificationsExample) {
  // The example of the Standard Webhooks specification's libraries.
  const Secret key = SigningKey(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).value();
  EXPECT_EQ(Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, Base64Pads) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("\xff\xfe\xfd"), "//79");
}

TEST(Signature, KeysWithoutPrefixAreTaken) {
  EXPECT_EQ(SigningKey(Secret("plain")).value().Reveal(), "plain");
  EXPECT_EQ(SigningKey(Secret("whsec_c2VjcmV0")).value().Reveal(), "secret");
  EXPECT_EQ(SigningKey(Secret("whsec_c2VjcmV0cw==")).value().Reveal(), "secrets");
  EXPECT_FALSE(SigningKey(Secret("whsec_")).has_value());
}

TEST(SlackMessage, TextsOfTheAlertCannotFormatLinkOrMention) {
  alert::Alert alert = NumberedAlert(1);
  alert.alert_name = "<!channel> *bold* & <https://evil.example|click>";
  alert.description = "`code` _it_ <@U1> \xff";
  const auto message = nlohmann::json::parse(SlackMessage(alert, "https://a.example/alert/{id}"));
  const std::string all = message.dump();
  EXPECT_THAT(all, Not(HasSubstr("<!channel>")));
  EXPECT_THAT(all, Not(HasSubstr("<@U1>")));
  EXPECT_THAT(all, Not(HasSubstr("<https://evil")));
  EXPECT_EQ(message["mrkdwn"], false);
  EXPECT_THAT(message["text"].get<std::string>(), HasSubstr("&lt;!channel&gt; *bold* &amp; "));
  int markdown = 0;
  for (const auto& block : message["blocks"]) {
    for (const auto& text : block.value("fields", nlohmann::json::array())) {
      EXPECT_EQ(text["type"], "plain_text");
    }
    if (!block.contains("text")) continue;
    if (block["text"]["type"] == "plain_text") continue;
    ++markdown;
    EXPECT_EQ(block["text"]["text"],
              "<https://a.example/alert/" + alert.alert_id.ToString() + "|Show the alert>");
  }
  EXPECT_EQ(markdown, 1);
}

TEST(SlackMessage, KeepsToSlacksLimits) {
  alert::Alert alert = NumberedAlert(1);
  alert.alert_name.assign(255, '&');
  alert.description.assign(100'000, '<');
  alert.action_observed.assign(255, '>');
  const auto message = nlohmann::json::parse(SlackMessage(alert, ""));
  for (const auto& block : message["blocks"]) {
    if (block.contains("text")) {
      EXPECT_LE(block["text"]["text"].get<std::string>().size(), 3000U);
    }
    const auto fields = block.value("fields", nlohmann::json::array());
    EXPECT_LE(fields.size(), 10U);
    for (const auto& field : fields) EXPECT_LE(field["text"].get<std::string>().size(), 2000U);
  }
}

TEST(MailAddress, TakesPlainAddressesOnly) {
  for (const char* text : {"a@b", "first.last+tag@example.com", "o'hara@mail.example.co.uk"}) {
    EXPECT_TRUE(IsMailAddress(text)) << text;
  }
  using namespace std::string_literals;
  for (const std::string& text :
       {""s, "a"s, "@b"s, "a@"s, "a b@c"s, "a@b\r\nRCPT TO:<x@y>"s, "<a@b>"s, "Name <a@b>"s,
        "a@b,c@d"s, "\"q\"@b"s, "a@b c"s, "a\0@b"s, "a..b@c"s, ".a@b"s, "a@b."s, "a@[127.0.0.1]"s,
        "\xC3\xA9@b"s, std::string(250, 'a') + "@b.cd"}) {
    EXPECT_FALSE(IsMailAddress(text)) << text;
  }
}

TEST(MailMessage, DatesAreInternetDates) {
  EXPECT_EQ(MailDate(Timestamp::Parse("2026-11-21T04:05:06Z").value()),
            "Sat, 21 Nov 2026 04:05:06 +0000");
  EXPECT_EQ(MailDate(Timestamp()), "Thu, 1 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(MailDate(Timestamp::FromUnixNanos(-1)), "Wed, 31 Dec 1969 23:59:59 +0000");
}

TEST(MailMessage, HeadersAreAsciiAndFolded) {
  EXPECT_EQ(EncodeHeader("[AuditFlow] plain"), "[AuditFlow] plain");
  EXPECT_EQ(EncodeHeader("caf\xC3\xA9"), "=?UTF-8?B?Y2Fmw6k=?=");
  EXPECT_EQ(EncodeHeader("=?utf-8?q?x?="), "=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?=");
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xC3\xA9";
  const std::string encoded = EncodeHeader(text);
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 2) {
    end = encoded.find("\r\n", begin);
    EXPECT_LE(encoded.substr(begin, end - begin).size(), 78U);
    if (end == std::string::npos) break;
    EXPECT_EQ(encoded[end + 2], ' ');
  }
}

TEST(MailMessage, QuotedPrintableKeepsLinesShort) {
  EXPECT_EQ(QuotedPrintable("a=b\nc \n.\n"), "a=3Db\r\nc=20\r\n.\r\n");
  EXPECT_EQ(QuotedPrintable("\xC3\xA9"), "=C3=A9");
  EXPECT_EQ(QuotedPrintable("a\rb"), "a=0Db");
  const std::string encoded = QuotedPrintable(std::string(1000, '='));
  for (std::size_t begin = 0; begin < encoded.size();) {
    const std::size_t end = std::min(encoded.find("\r\n", begin), encoded.size());
    EXPECT_LE(end - begin, 76U);
    begin = end + 2;
  }
}

TEST(MailMessage, NoTextOfAnAlertAddsAHeader) {
  alert::Alert alert = NumberedAlert(1);
  alert.alert_name = "x\r\nBcc: evil@example.com\r\n\r\nbody";
  alert.severity = "HIGH\nX: y";
  alert.description = "line\r\n.\r\nQUIT";
  EmailOptions options;
  options.from = "audit@example.com";
  options.to = {"a@example.com", "b@example.com"};
  const std::string mail = MailMessage(options, {"key-1", alert, 1}, Timestamp());
  const std::string header = mail.substr(0, mail.find("\r\n\r\n"));
  EXPECT_THAT(header, Not(HasSubstr("\r\nBcc")));
  EXPECT_THAT(header, Not(HasSubstr("\r\nX:")));
  EXPECT_THAT(header, HasSubstr("\r\nMessage-ID: <key-1@example.com>\r\n"));
  EXPECT_THAT(header, HasSubstr("\r\nTo: a@example.com,\r\n b@example.com\r\n"));
  EXPECT_THAT(header, HasSubstr("\r\nFrom: audit@example.com\r\n"));
  for (std::size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] == '\n') {
      EXPECT_EQ(mail[i - 1], '\r');
    } else if (mail[i] == '\r') {
      EXPECT_EQ(mail[i + 1], '\n');
    }
    EXPECT_GE(static_cast<signed char>(mail[i]), 0);
  }
}

}  // namespace
}  // namespace auditflow::curl
