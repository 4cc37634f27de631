#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auditflow/config/settings.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/curl/email_notifier.hpp"
#include "auditflow/curl/slack_notifier.hpp"
#include "auditflow/curl/webhook_notifier.hpp"
#include "auditflow/pipeline/notification_dispatcher.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::services {

/// Which alerts a channel is told of.
struct ChannelFilter {
  std::string min_severity = "INFO";
  std::vector<std::string> rule_ids = {};  ///< empty: of all rules
};

/// Who is told of new alerts, and how hard it is tried. A channel is used once it has an address.
struct NotifySettings {
  NotifySettings();

  bool log = false;
  ChannelFilter log_filter;
  curl::WebhookOptions webhook;
  Secret webhook_authorization;  ///< value of that header
  ChannelFilter webhook_filter;
  curl::SlackOptions slack;
  ChannelFilter slack_filter;
  curl::EmailOptions email;
  ChannelFilter email_filter;
  std::string link;   ///< where people read an alert, with {id}
  std::string proxy;  ///< of webhook and Slack
  pipeline::NotificationDispatcherOptions dispatcher;
};

/// Adds NOTIFY_…; `settings` must outlive the table.
void AddNotifySettings(config::SettingTable& table, NotifySettings& settings);

/// For the store: the channels in use.
std::vector<store::OutboxTarget> OutboxTargets(const NotifySettings& settings);

/// Who delivers over them. Touches no network.
/// @return kInvalidArgument naming the variable's group and what is wrong.
Result<std::vector<pipeline::NotificationChannel>> MakeChannels(const NotifySettings& settings,
                                                                Clock& clock);

}  // namespace auditflow::services
