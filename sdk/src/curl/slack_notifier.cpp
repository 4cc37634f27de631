#include "auditflow/curl/slack_notifier.hpp"

#include "src/curl/http_post.hpp"
#include "src/curl/slack_message.hpp"

namespace auditflow::curl {

struct SlackNotifier::Impl {
  std::string link;
  HttpPost post;
};

SlackNotifier::SlackNotifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SlackNotifier::~SlackNotifier() = default;

Result<std::unique_ptr<SlackNotifier>> SlackNotifier::Create(const SlackOptions& options,
                                                             Clock& clock) {
  Status valid = Validate(options.http);
  if (!valid.ok()) return Error(std::move(valid));
  return std::unique_ptr<SlackNotifier>(
      new SlackNotifier(std::unique_ptr<Impl>(new Impl{options.link, {options.http, clock}})));
}

std::string SlackNotifier::Describe() const { return "slack " + impl_->post.origin(); }

Duration SlackNotifier::deadline() const { return impl_->post.deadline(); }

notify::DeliveryOutcome SlackNotifier::Deliver(const notify::Notification& notification,
                                               const std::stop_token& abort) {
  const auto is_fine = [](std::string_view answer) { return answer == "ok"; };
  return impl_->post.Send({{"Idempotency-Key", notification.idempotency_key}},
                          SlackMessage(notification.alert, impl_->link), is_fine, abort);
}

}  // namespace auditflow::curl
