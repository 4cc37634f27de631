#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/curl/webhook_notifier.hpp"

#include "src/curl/transfer.hpp"

namespace auditflow::curl {

/// @return kInvalidArgument naming the option that is wrong, never its value.
Status Validate(const HttpOptions& options);

/// Posts JSON to one URL and judges the answer: see `WebhookNotifier`.
///
/// Thread safety: thread-compatible.
class HttpPost {
 public:
  HttpPost(const HttpOptions& options, Clock& clock);

  /// "https://host:port".
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] Duration deadline() const { return options_.timeout; }

  using HeaderLines = std::vector<std::pair<std::string, std::string>>;
  /// Whether the body of a 2xx says that all is well.
  using IsFine = std::function<bool(std::string_view body)>;
  notify::DeliveryOutcome Send(const HeaderLines& headers, const std::string& body,
                               const IsFine& is_fine, const std::stop_token& abort);

 private:
  [[nodiscard]] notify::DeliveryOutcome Judge(const TransferResult& result,
                                              const IsFine& is_fine) const;

  const HttpOptions options_;
  const std::string origin_;
  Clock& clock_;
  Transfer transfer_;
};

}  // namespace auditflow::curl
