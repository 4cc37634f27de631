#pragma once

#include <memory>
#include <string>

#include "auditflow/curl/webhook_notifier.hpp"

namespace auditflow::curl {

struct SlackOptions {
  HttpOptions http = {};  ///< the incoming webhook's URL
  /// Where people read the alert: "https://audit.example.com/alert/{id}". Empty: no link.
  std::string link = {};
};

/// Posts to an incoming webhook of Slack, or of a chat that understands its format (Mattermost,
/// Rocket.Chat): the headline and the key facts. Texts of the alert are shown as they are: they
/// cannot format, link or mention.
///
/// Delivered is 2xx with the answer "ok"; the rest as `WebhookNotifier`.
///
/// Thread safety: as `Notifier`.
class SlackNotifier final : public notify::Notifier {
 public:
  /// As `WebhookNotifier::Create`.
  static Result<std::unique_ptr<SlackNotifier>> Create(const SlackOptions& options,
                                                       Clock& clock = SystemClock());
  ~SlackNotifier() override;

  [[nodiscard]] std::string Describe() const override;
  [[nodiscard]] Duration deadline() const override;
  notify::DeliveryOutcome Deliver(const notify::Notification& notification,
                                  const std::stop_token& abort) override;

 private:
  struct Impl;
  explicit SlackNotifier(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::curl
