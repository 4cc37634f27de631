#include "auditflow/curl/email_notifier.hpp"

#include <algorithm>
#include <string_view>

#include "auditflow/notify/alert_text.hpp"

#include "src/curl/mail_message.hpp"
#include "src/curl/transfer.hpp"

namespace auditflow::curl {
namespace {

using notify::DeliveryOutcome;

bool IsHostName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':';
  });
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Status CheckAddresses(const EmailOptions& options) {
  if (!IsMailAddress(options.from)) return InvalidArgument("from: is no mail address");
  if (options.to.empty()) return InvalidArgument("to: is empty");
  for (const std::string& address : options.to) {
    if (!IsMailAddress(address)) return InvalidArgument("to: has what is no mail address");
  }
  return Status();
}

Status Validate(const EmailOptions& options) {
  if (!IsHostName(options.host)) return InvalidArgument("host: is no host name or address");
  if (options.port == 0) return InvalidArgument("port: is 0");
  Status status = CheckAddresses(options);
  if (!status.ok()) return status;
  if (HasControl(options.subject_prefix)) {
    return InvalidArgument("subject_prefix: has control characters");
  }
  if (HasControl(options.user) || HasControl(options.password.Reveal())) {
    return InvalidArgument("user: it or its password has control characters");
  }
  if (!options.user.empty() && options.security == MailSecurity::kNone) {
    return InvalidArgument("user: would be sent without encryption");
  }
  if (options.connect_timeout <= Duration::zero() || options.timeout <= Duration::zero()) {
    return InvalidArgument("timeout: must be more than 0");
  }
  return Status();
}

std::string UrlOf(const EmailOptions& options) {
  const bool is_v6 = options.host.find(':') != std::string::npos;
  const std::string scheme = options.security == MailSecurity::kTls ? "smtps://" : "smtp://";
  return scheme + (is_v6 ? "[" + options.host + "]" : options.host) + ":" +
         std::to_string(options.port);
}

/// What is left to send; curl asks for it piece by piece.
std::size_t ReadMail(char* buffer, std::size_t size, std::size_t count, void* rest) {
  auto& text = *static_cast<std::string_view*>(rest);
  const std::size_t bytes = std::min(size * count, text.size());
  std::copy_n(text.begin(), bytes, buffer);
  text.remove_prefix(bytes);
  return bytes;
}

}  // namespace

struct EmailNotifier::Impl {
  Impl(const EmailOptions& email_options, Clock& notifier_clock);
  [[nodiscard]] DeliveryOutcome Judge(const TransferResult& result) const;

  const EmailOptions options;
  const std::string url;
  Clock& clock;
  StringList recipients;
  Transfer transfer;
};

EmailNotifier::Impl::Impl(const EmailOptions& email_options, Clock& notifier_clock)
    : options(email_options), url(UrlOf(email_options)), clock(notifier_clock) {
  for (const std::string& address : options.to) recipients.Add("<" + address + ">");
  CURL* const curl = transfer.handle();
  if (curl == nullptr) return;
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  if (options.security == MailSecurity::kStartTls) {
    curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  }
  if (!options.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, options.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options.password.Reveal().c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + options.from + ">").c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, ReadMail);
  // A connection that is kept would mostly be closed by the server before the next alert.
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  transfer.SetTimeouts(options.connect_timeout, options.timeout);
  transfer.SetCaFile(options.ca_file);
}

DeliveryOutcome EmailNotifier::Impl::Judge(const TransferResult& result) const {
  if (result.code == CURLE_OK) return DeliveryOutcome::Delivered();
  constexpr long kPermanent = 500;
  const std::string reply =
      result.status == 0 ? "" : " (SMTP " + std::to_string(result.status) + ")";
  const std::string error = url + ": " + notify::OneLine(result.message, 200) + reply;
  // These are what curl says when a reply to MAIL, RCPT or DATA was no.
  const bool was_answered =
      result.code == CURLE_SEND_ERROR || result.code == CURLE_WEIRD_SERVER_REPLY;
  if (result.logged_in && was_answered && result.status >= kPermanent) {
    return DeliveryOutcome::Refused(error);
  }
  return DeliveryOutcome::TryAgain(error);
}

EmailNotifier::EmailNotifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EmailNotifier::~EmailNotifier() = default;

Result<std::unique_ptr<EmailNotifier>> EmailNotifier::Create(const EmailOptions& options,
                                                             Clock& clock) {
  Status valid = Validate(options);
  if (!valid.ok()) return Error(std::move(valid));
  return std::unique_ptr<EmailNotifier>(new EmailNotifier(std::make_unique<Impl>(options, clock)));
}

std::string EmailNotifier::Describe() const { return "mail " + impl_->url; }

Duration EmailNotifier::deadline() const { return impl_->options.timeout; }

DeliveryOutcome EmailNotifier::Deliver(const notify::Notification& notification,
                                       const std::stop_token& abort) {
  const std::string mail = MailMessage(impl_->options, notification, impl_->clock.Now());
  std::string_view rest = mail;
  if (CURL* const curl = impl_->transfer.handle(); curl != nullptr) {
    curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
  }
  return impl_->Judge(impl_->transfer.Run(abort));
}

}  // namespace auditflow::curl
