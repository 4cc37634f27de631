#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/notify/notifier.hpp"

namespace auditflow::curl {

/// Where to post to, and within which bounds.
struct HttpOptions {
  Secret url;  ///< https://…; often it is what lets one post at all
  /// Further headers, such as Authorization.
  std::vector<std::pair<std::string, Secret>> headers = {};
  /// File of certificates (PEM) that may vouch for the server; empty: the system's.
  std::string ca_file = {};
  /// Allows http://, without TLS.
  bool allow_http = false;
  /// Allows addresses of this machine and of private networks: loopback, RFC 1918, link-local, …
  /// Else they are refused when the connection is made, whatever name resolves to them.
  bool allow_private_addresses = false;
  /// "http://proxy:3128": a proxy that makes the connections, and then decides to whom. Empty:
  /// none, whatever the environment says.
  std::string proxy = {};
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(10);  ///< for all of it, look-up of the name included
};

struct WebhookOptions {
  HttpOptions http = {};
  /// Signs each request as the Standard Webhooks specification says: `webhook-id`,
  /// `webhook-timestamp` and `webhook-signature`, a HMAC-SHA256 under this key. "whsec_" and the
  /// key in base64, or else the key itself. Empty: none.
  Secret signing_key = {};
  /// A part of the answer's first 64 KiB without which a 2xx is a failure that can pass; for
  /// receivers that report errors with status 200. Empty: any answer will do.
  std::string expected_answer = {};
};

/// Posts the alert as JSON (`alert::ToJson`) with the header `Idempotency-Key`.
///
/// 2xx is delivered; 408, 425, 429 and 5xx can pass, with the receiver's `Retry-After` (seconds or
/// a date) if it gives one; any other status is refused for good. Redirects are not followed. Of an
/// answer no more than 64 KiB are read. A certificate that does not fit, a lost connection and a
/// timeout can pass; an address that is not allowed is refused.
///
/// Thread safety: as `Notifier`.
class WebhookNotifier final : public notify::Notifier {
 public:
  /// Touches no network.
  /// @return kInvalidArgument naming the option that is wrong, without its value.
  static Result<std::unique_ptr<WebhookNotifier>> Create(const WebhookOptions& options,
                                                         Clock& clock = SystemClock());
  ~WebhookNotifier() override;

  [[nodiscard]] std::string Describe() const override;
  [[nodiscard]] Duration deadline() const override;
  notify::DeliveryOutcome Deliver(const notify::Notification& notification,
                                  const std::stop_token& abort) override;

 private:
  struct Impl;
  explicit WebhookNotifier(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::curl
