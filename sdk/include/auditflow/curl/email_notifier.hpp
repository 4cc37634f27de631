#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/notify/notifier.hpp"

namespace auditflow::curl {

enum class MailSecurity : std::uint8_t {
  kStartTls,  ///< asked for after the greeting, and required
  kTls,       ///< from the first byte
  kNone,      ///< for a relay on this machine
};

struct EmailOptions {
  std::string host = {};
  std::uint16_t port = 587;  ///< 587 submission, 465 with kTls, 25 to a relay
  MailSecurity security = MailSecurity::kStartTls;
  std::string user = {};  ///< empty: does not log in
  Secret password = {};
  std::string ca_file = {};  ///< as `HttpOptions::ca_file`
  std::string from = {};     ///< one address: "auditflow@example.com"
  std::vector<std::string> to = {};
  std::string subject_prefix = "[AuditFlow]";
  /// As `SlackOptions::link`.
  std::string link = {};
  Duration connect_timeout = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(60);
};

/// Sends each alert as a plain-text mail over SMTP.
///
/// The Message-ID follows from the idempotency key, so that a repeat can be told. No text of an
/// alert can add a header, a recipient or a line of SMTP. Replies 5xx are refused for good, but for
/// a refused login, which an operator can mend; the rest can pass.
///
/// Thread safety: as `Notifier`.
class EmailNotifier final : public notify::Notifier {
 public:
  /// Touches no network.
  /// @return kInvalidArgument naming the option that is wrong.
  static Result<std::unique_ptr<EmailNotifier>> Create(const EmailOptions& options,
                                                       Clock& clock = SystemClock());
  ~EmailNotifier() override;

  [[nodiscard]] std::string Describe() const override;
  [[nodiscard]] Duration deadline() const override;
  notify::DeliveryOutcome Deliver(const notify::Notification& notification,
                                  const std::stop_token& abort) override;

 private:
  struct Impl;
  explicit EmailNotifier(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::curl
