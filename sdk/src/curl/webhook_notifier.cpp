#include "auditflow/curl/webhook_notifier.hpp"

#include "src/curl/http_post.hpp"
#include "src/curl/signature.hpp"

namespace auditflow::curl {

struct WebhookNotifier::Impl {
  Impl(const WebhookOptions& options, Secret signing_key, Clock& notifier_clock)
      : expected_answer(options.expected_answer),
        key(std::move(signing_key)),
        clock(notifier_clock),
        post(options.http, notifier_clock) {}

  const std::string expected_answer;
  const Secret key;
  Clock& clock;
  HttpPost post;
};

WebhookNotifier::WebhookNotifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebhookNotifier::~WebhookNotifier() = default;

Result<std::unique_ptr<WebhookNotifier>> WebhookNotifier::Create(const WebhookOptions& options,
                                                                 Clock& clock) {
  Status valid = Validate(options.http);
  if (!valid.ok()) return Error(std::move(valid));
  Result<Secret> key = SigningKey(options.signing_key);
  if (!key) return Error(key.error());
  return std::unique_ptr<WebhookNotifier>(
      new WebhookNotifier(std::make_unique<Impl>(options, *std::move(key), clock)));
}

std::string WebhookNotifier::Describe() const { return "webhook " + impl_->post.origin(); }

Duration WebhookNotifier::deadline() const { return impl_->post.deadline(); }

notify::DeliveryOutcome WebhookNotifier::Deliver(const notify::Notification& notification,
                                                 const std::stop_token& abort) {
  const std::string body = alert::ToJson(notification.alert);
  const std::string& id = notification.idempotency_key;
  HttpPost::HeaderLines headers = {{"Idempotency-Key", id}};
  if (!impl_->key.empty()) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::string now = std::to_string(impl_->clock.Now().unix_nanos() / kSecond);
    headers.emplace_back("webhook-id", id);
    headers.emplace_back("webhook-timestamp", now);
    headers.emplace_back("webhook-signature", Sign(impl_->key, id, now, body));
  }
  const auto is_fine = [this](std::string_view answer) {
    return answer.find(impl_->expected_answer) != std::string_view::npos;
  };
  return impl_->post.Send(headers, body, is_fine, abort);
}

}  // namespace auditflow::curl
