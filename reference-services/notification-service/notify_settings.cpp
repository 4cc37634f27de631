#include "notification-service/notify_settings.hpp"

#include <chrono>
#include <utility>

#include "auditflow/notify/log_notifier.hpp"

namespace auditflow::services {
namespace {

using pipeline::NotificationChannel;
using Channels = std::vector<NotificationChannel>;

constexpr Duration kShortest = std::chrono::milliseconds(100);

void AddFilter(config::SettingTable& table, const std::string& prefix, ChannelFilter& filter) {
  table
      .Choice(prefix + "_MIN_SEVERITY", filter.min_severity,
              {"INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"},
              "Only alerts of this severity or above")
      .List(prefix + "_RULES", filter.rule_ids, "Only alerts of these rules, by rule_id");
}

void AddHttp(config::SettingTable& table, const std::string& prefix, curl::HttpOptions& http) {
  table.Text(prefix + "_CA", http.ca_file, "PEM file of who may sign its certificate")
      .Flag(prefix + "_ALLOW_HTTP", http.allow_http, "Allow http://, without encryption")
      .Flag(prefix + "_ALLOW_PRIVATE", http.allow_private_addresses,
            "Allow addresses of this machine and of private networks")
      .Time(prefix + "_TIMEOUT", http.timeout, "For one attempt", kShortest,
            std::chrono::minutes(10));
}

void AddWebhook(config::SettingTable& table, NotifySettings& settings) {
  table.Section("Notifications: webhook")
      .Hidden("NOTIFY_WEBHOOK_URL", settings.webhook.http.url,
              "Where to post alerts; empty: nowhere")
      .Hidden("NOTIFY_WEBHOOK_AUTHORIZATION", settings.webhook_authorization,
              "Value of the header Authorization")
      .Hidden("NOTIFY_WEBHOOK_SIGNING_KEY", settings.webhook.signing_key,
              "Key that signs each request, see Standard Webhooks")
      .Text("NOTIFY_WEBHOOK_EXPECTED_ANSWER", settings.webhook.expected_answer,
            "A text without which an answer with status 200 counts as a failure");
  AddFilter(table, "NOTIFY_WEBHOOK", settings.webhook_filter);
  AddHttp(table, "NOTIFY_WEBHOOK", settings.webhook.http);
}

void AddSlack(config::SettingTable& table, NotifySettings& settings) {
  table.Section("Notifications: Slack")
      .Hidden("NOTIFY_SLACK_URL", settings.slack.http.url,
              "An incoming webhook of Slack or of what understands its format; empty: none");
  AddFilter(table, "NOTIFY_SLACK", settings.slack_filter);
  AddHttp(table, "NOTIFY_SLACK", settings.slack.http);
}

void AddEmail(config::SettingTable& table, curl::EmailOptions& email, ChannelFilter& filter) {
  using curl::MailSecurity;
  table.Section("Notifications: e-mail")
      .Text("NOTIFY_EMAIL_HOST", email.host, "SMTP server; empty: no mails")
      .Port("NOTIFY_EMAIL_PORT", email.port, "Its port")
      .Choice("NOTIFY_EMAIL_SECURITY", email.security,
              {{"starttls", MailSecurity::kStartTls},
               {"tls", MailSecurity::kTls},
               {"none", MailSecurity::kNone}},
              "starttls (port 587), tls (port 465), none (a relay on this machine)")
      .Text("NOTIFY_EMAIL_USER", email.user, "Account at the server; empty: does not log in")
      .Hidden("NOTIFY_EMAIL_PASSWORD", email.password, "Its password")
      .Text("NOTIFY_EMAIL_CA", email.ca_file, "PEM file of who may sign its certificate")
      .Text("NOTIFY_EMAIL_FROM", email.from, "Address of the sender")
      .List("NOTIFY_EMAIL_TO", email.to, "Addresses of the receivers")
      .Text("NOTIFY_EMAIL_SUBJECT_PREFIX", email.subject_prefix, "What each subject begins with");
  AddFilter(table, "NOTIFY_EMAIL", filter);
}

void AddDispatcher(config::SettingTable& table, NotifySettings& settings) {
  pipeline::NotificationDispatcherOptions& options = settings.dispatcher;
  table.Section("Notifications")
      .Flag("NOTIFY_LOG", settings.log, "Write each alert to this service's own log");
  AddFilter(table, "NOTIFY_LOG", settings.log_filter);
  table
      .Text("NOTIFY_LINK", settings.link,
            "Where people read an alert, for Slack and mails: https://audit.example.com/alert/{id}")
      .Text("NOTIFY_PROXY", settings.proxy, "Proxy for webhook and Slack, http://proxy:3128")
      .Time("NOTIFY_RETRY_MAX", options.backoff.max, "Longest pause between two attempts",
            options.backoff.base, std::chrono::hours(24))
      .Time("NOTIFY_MAX_AGE", options.max_age,
            "The first failure of a notification that is older is its last",
            std::chrono::seconds(1))
      .Time("NOTIFY_DEAD_MAX_AGE", options.dead_max_age,
            "How long a notification that was given up can be replayed; 0 for as long as it is "
            "among the newest")
      .Number("NOTIFY_DEAD_MAX_COUNT", options.dead_max_count,
              "How many of them are kept, the newest", 0, 10'000'000)
      .Number("NOTIFY_BREAKER_FAILURES", options.breaker_failures,
              "Failures in a row after which a channel pauses", 1, 1'000'000)
      .Time("NOTIFY_BREAKER_PAUSE", options.breaker_pause, "Its first pause; doubles", kShortest,
            std::chrono::hours(1));
}

store::OutboxTarget Target(const char* channel, const ChannelFilter& filter) {
  return {.channel = channel, .min_severity = filter.min_severity, .rule_ids = filter.rule_ids};
}

/// Adds the channel that `made` is, or says why it is none.
template <class Notifier>
Status Add(const char* channel, const char* group, Result<std::unique_ptr<Notifier>> made,
           Channels& channels) {
  if (!made) return made.error().WithContext(group);
  channels.push_back({channel, *std::move(made)});
  return {};
}

curl::WebhookOptions Webhook(const NotifySettings& settings) {
  curl::WebhookOptions options = settings.webhook;
  options.http.proxy = settings.proxy;
  if (!settings.webhook_authorization.empty()) {
    options.http.headers.emplace_back("Authorization", settings.webhook_authorization);
  }
  return options;
}

}  // namespace

NotifySettings::NotifySettings() {
  // People who are woken by everything soon look at nothing.
  slack_filter.min_severity = "HIGH";
  email_filter.min_severity = "HIGH";
}

void AddNotifySettings(config::SettingTable& table, NotifySettings& settings) {
  AddDispatcher(table, settings);
  AddWebhook(table, settings);
  AddSlack(table, settings);
  AddEmail(table, settings.email, settings.email_filter);
}

std::vector<store::OutboxTarget> OutboxTargets(const NotifySettings& settings) {
  std::vector<store::OutboxTarget> targets;
  if (settings.log) targets.push_back(Target("log", settings.log_filter));
  if (!settings.webhook.http.url.empty()) {
    targets.push_back(Target("webhook", settings.webhook_filter));
  }
  if (!settings.slack.http.url.empty()) targets.push_back(Target("slack", settings.slack_filter));
  if (!settings.email.host.empty()) targets.push_back(Target("email", settings.email_filter));
  return targets;
}

Result<Channels> MakeChannels(const NotifySettings& settings, Clock& clock) {
  Channels channels;
  if (settings.log) channels.push_back({"log", std::make_unique<notify::LogNotifier>()});
  Status status;
  if (!settings.webhook.http.url.empty()) {
    status = Add("webhook", "NOTIFY_WEBHOOK",
                 curl::WebhookNotifier::Create(Webhook(settings), clock), channels);
  }
  if (status.ok() && !settings.slack.http.url.empty()) {
    curl::SlackOptions options = settings.slack;
    options.http.proxy = settings.proxy;
    options.link = settings.link;
    status = Add("slack", "NOTIFY_SLACK", curl::SlackNotifier::Create(options, clock), channels);
  }
  if (status.ok() && !settings.email.host.empty()) {
    curl::EmailOptions options = settings.email;
    options.link = settings.link;
    status = Add("email", "NOTIFY_EMAIL", curl::EmailNotifier::Create(options, clock), channels);
  }
  if (!status.ok()) return Error(status);
  return channels;
}

}  // namespace auditflow::services
