#include "notification-service/notify_settings.hpp"

#include <map>
#include <string>

#include <gmock/gmock.h>

namespace auditflow::services {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Variables = std::map<std::string, std::string, std::less<>>;

class NotifySettingsTest : public testing::Test {
 protected:
  void Read(const Variables& variables) {
    AddNotifySettings(table_, settings_);
    const auto problems = table_.Read([&](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
    for (const config::SettingProblem& problem : problems) ADD_FAILURE() << problem.ToString();
  }
  std::vector<std::string> Channels() {
    std::vector<std::string> names;
    for (const store::OutboxTarget& target : OutboxTargets(settings_)) {
      names.push_back(target.channel);
    }
    const auto made = MakeChannels(settings_, SystemClock());
    EXPECT_TRUE(made) << made.error().ToString();
    std::vector<std::string> made_names;
    for (std::size_t i = 0; made && i < made->size(); ++i) made_names.push_back((*made)[i].name);
    EXPECT_EQ(made_names, names);
    return names;
  }

  NotifySettings settings_;
  config::SettingTable table_;
};

TEST_F(NotifySettingsTest, NobodyIsToldUnlessSomebodyIsNamed) {
  Read({});
  EXPECT_THAT(Channels(), IsEmpty());
}

TEST_F(NotifySettingsTest, AChannelIsUsedOnceItHasAnAddress) {
  Read({{"NOTIFY_LOG", "true"},
        {"NOTIFY_WEBHOOK_URL", "https://hooks.example.com/secret-path"},
        {"NOTIFY_WEBHOOK_AUTHORIZATION", "Bearer secret-token"},
        {"NOTIFY_WEBHOOK_MIN_SEVERITY", "medium"},
        {"NOTIFY_WEBHOOK_RULES", "R-1, R-2"},
        {"NOTIFY_SLACK_URL", "https://hooks.slack.example.com/services/secret-path"},
        {"NOTIFY_EMAIL_HOST", "mail.example.com"},
        {"NOTIFY_EMAIL_FROM", "auditflow@example.com"},
        {"NOTIFY_EMAIL_TO", "ann@example.com, bob@example.com"},
        {"NOTIFY_EMAIL_PASSWORD", "secret-password"},
        {"NOTIFY_LINK", "https://audit.example.com/alert/{id}"}});
  EXPECT_THAT(Channels(), ElementsAre("log", "webhook", "slack", "email"));
  const auto targets = OutboxTargets(settings_);
  EXPECT_TRUE(Validate(targets).ok());
  EXPECT_EQ(targets[0].min_severity, "INFO");
  EXPECT_EQ(targets[1].min_severity, "MEDIUM");
  EXPECT_THAT(targets[1].rule_ids, ElementsAre("R-1", "R-2"));
  EXPECT_EQ(targets[3].min_severity, "HIGH");
  EXPECT_THAT(settings_.email.to, ElementsAre("ann@example.com", "bob@example.com"));
  EXPECT_THAT(table_.Print(), Not(HasSubstr("secret")));
}

struct Refusal {
  const char* variable;
  const char* value;
  const char* group;
};

TEST_F(NotifySettingsTest, AnAddressThatCannotWorkIsRefusedWithoutBeingShown) {
  const Refusal refusals[] = {
      {"NOTIFY_WEBHOOK_URL", "http://secret.example.com/", "NOTIFY_WEBHOOK"},
      {"NOTIFY_WEBHOOK_URL", "secret", "NOTIFY_WEBHOOK"},
      {"NOTIFY_SLACK_URL", "ftp://secret.example.com/", "NOTIFY_SLACK"},
      {"NOTIFY_EMAIL_HOST", "mail.example.com", "NOTIFY_EMAIL"},  // no sender, no receivers
  };
  for (const Refusal& refusal : refusals) {
    settings_ = {};
    table_ = {};
    Read({{refusal.variable, refusal.value}});
    const auto made = MakeChannels(settings_, SystemClock());
    ASSERT_FALSE(made) << refusal.value;
    EXPECT_EQ(made.error().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(made.error().message(), HasSubstr(refusal.group));
    EXPECT_THAT(made.error().message(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace auditflow::services
