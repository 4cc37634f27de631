#include "auditflow/notify/alert_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/utf8.hpp"
#include "auditflow/notify/log_notifier.hpp"

#include "tests/store/numbered_alerts.hpp"

namespace auditflow::notify {
namespace {

using store::NumberedAlert;
using testing::HasSubstr;
using testing::Not;

TEST(OneLine, HoldsNothingThatBreaksOrTurnsALine) {
  using namespace std::string_literals;
  EXPECT_EQ(OneLine("a\r\nBcc: b\0c\x7f"s, 100), "a  Bcc: b c ");
  EXPECT_EQ(OneLine("\xE2\x80\xAE"
                    "evil\xE2\x80\xA8next\xC2\x85",
                    100),
            " evil next ");
  EXPECT_EQ(OneLine("\xff\xC3\xA9", 100), "\xEF\xBF\xBD\xC3\xA9");
}

TEST(OneLine, IsCutAtTheEndOfACharacter) {
  EXPECT_EQ(OneLine("abc", 3), "abc");
  EXPECT_EQ(OneLine("abcd", 3), "abc\xE2\x80\xA6");
  EXPECT_EQ(OneLine("ab\xC3\xA9", 3), "ab\xE2\x80\xA6");
  EXPECT_EQ(OneLine("", 0), "");
}

TEST(Headline, NamesSeverityAndAlert) {
  alert::Alert alert = NumberedAlert(1);
  alert.severity = "CRITICAL";
  alert.alert_name = "Root\nlogin";
  EXPECT_EQ(Headline(alert), "[CRITICAL] Root login");
  alert.severity = "";
  EXPECT_EQ(Headline(alert), "Root login");
}

TEST(KeyFacts, LeavesOutWhatTheAlertDoesNotState) {
  alert::Alert alert;
  alert.severity = "LOW";
  alert.triggered_by = {"N/A", "eve", "N/A"};
  const auto facts = KeyFacts(alert);
  std::vector<std::string> lines;
  for (const auto& [label, value] : facts) lines.push_back(std::string(label) + "=" + value);
  EXPECT_THAT(lines, testing::ElementsAre("Severity=LOW", "Actor=eve", "Time=1970-01-01T00:00:00Z",
                                          "Alert=00000000-0000-0000-0000-000000000000"));
}

TEST(PlainText, HoldsFactsGuidanceAndTheEvent) {
  alert::Alert alert = NumberedAlert(3);
  alert.description = "first\nsecond\x1b[31m";
  alert.metadata.remediation_guidance = "Lock the account.";
  const std::string text = PlainText(alert, 20);
  EXPECT_THAT(text, HasSubstr("first\nsecond [31m\n"));
  EXPECT_THAT(text, HasSubstr("\nWhat to do\nLock the account.\n"));
  EXPECT_THAT(text, HasSubstr("\nEvent\n" + alert.raw_event_data.substr(0, 20)));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_TRUE(IsValidUtf8(text));
}

TEST(LogNotifier, AlwaysDelivers) {
  LogNotifier notifier;
  const DeliveryOutcome outcome = notifier.Deliver({"key", NumberedAlert(1), 1}, {});
  EXPECT_EQ(outcome.kind, DeliveryOutcome::Kind::kDelivered);
}

}  // namespace
}  // namespace auditflow::notify
