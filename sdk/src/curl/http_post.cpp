#include "src/curl/http_post.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

#include "auditflow/notify/alert_text.hpp"

namespace auditflow::curl {
namespace {

using notify::DeliveryOutcome;

constexpr std::size_t kShownAnswer = 200;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string PartOf(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

Url Parse(const std::string& text) {
  Url url(curl_url());
  if (url == nullptr) return url;
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) url.reset();
  return url;
}

std::string OriginOf(const std::string& text) {
  const Url url = Parse(text);
  if (url == nullptr) return "";
  const std::string port = PartOf(url, CURLUPART_PORT);
  return PartOf(url, CURLUPART_SCHEME) + "://" + PartOf(url, CURLUPART_HOST) +
         (port.empty() ? "" : ":" + port);
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
}

bool IsToken(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

Status CheckUrl(const HttpOptions& options) {
  const std::string& text = options.url.Reveal();
  if (text.empty()) return InvalidArgument("url: is empty");
  const Url url = HasControl(text) ? nullptr : Parse(text);
  if (url == nullptr) return InvalidArgument("url: is no URL");
  const std::string scheme = PartOf(url, CURLUPART_SCHEME);
  if (scheme == "https" || (scheme == "http" && options.allow_http)) return Status();
  return InvalidArgument(scheme == "http" ? "url: is http://, which has to be allowed"
                                          : "url: does not begin with https://");
}

/// Whether trying again may end otherwise.
bool CanPass(long status) {
  constexpr long kTimeout = 408;
  constexpr long kTooEarly = 425;
  constexpr long kTooMany = 429;
  return status >= 500 || status == kTimeout || status == kTooEarly || status == kTooMany;
}

std::string Answered(const TransferResult& result) {
  const std::string answer = notify::OneLine(result.body, kShownAnswer);
  return "HTTP " + std::to_string(result.status) + (answer.empty() ? "" : ": " + answer);
}

}  // namespace

Status Validate(const HttpOptions& options) {
  Status status = CheckUrl(options);
  if (!status.ok()) return status;
  for (const auto& [name, value] : options.headers) {
    if (!IsToken(name)) return InvalidArgument("headers: a name is not one of HTTP");
    if (HasControl(value.Reveal())) {
      return InvalidArgument("headers: the value of " + name + " has control characters");
    }
  }
  if (HasControl(options.proxy)) return InvalidArgument("proxy: has control characters");
  if (options.connect_timeout <= Duration::zero()) {
    return InvalidArgument("connect_timeout: must be more than 0");
  }
  if (options.timeout <= Duration::zero()) return InvalidArgument("timeout: must be more than 0");
  return Status();
}

HttpPost::HttpPost(const HttpOptions& options, Clock& clock)
    : options_(options), origin_(OriginOf(options.url.Reveal())), clock_(clock) {
  CURL* const curl = transfer_.handle();
  if (curl == nullptr) return;
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, options.allow_http ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_URL, options_.url.Reveal().c_str());
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, options_.proxy.c_str());
  transfer_.SetTimeouts(options.connect_timeout, options.timeout);
  transfer_.SetCaFile(options.ca_file);
  if (options.proxy.empty() && !options.allow_private_addresses) {
    transfer_.RequirePublicAddresses();
  }
}

DeliveryOutcome HttpPost::Send(const HeaderLines& headers, const std::string& body,
                               const IsFine& is_fine, const std::stop_token& abort) {
  StringList lines;
  lines.Add("Content-Type: application/json");
  lines.Add("User-Agent: AuditFlow");
  lines.Add("Expect:");  // a body that is sent at once needs no leave
  for (const auto& [name, value] : headers) lines.Add(name + ": " + value);
  for (const auto& [name, value] : options_.headers) lines.Add(name + ": " + value.Reveal());
  if (CURL* const curl = transfer_.handle(); curl != nullptr) {
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  }
  return Judge(transfer_.Run(abort), is_fine);
}

DeliveryOutcome HttpPost::Judge(const TransferResult& result, const IsFine& is_fine) const {
  if (result.code != CURLE_OK && result.address_refused) {
    return DeliveryOutcome::Refused(
        origin_ + ": resolves to an address that is not public, which has to be allowed");
  }
  // A receiver that has answered and then does not finish has decided all the same.
  if (result.status < 200) return DeliveryOutcome::TryAgain(origin_ + ": " + result.message);
  const std::string answered = origin_ + ": " + Answered(result);
  if (result.status < 300) {
    if (is_fine(result.body)) return DeliveryOutcome::Delivered();
    return DeliveryOutcome::TryAgain(answered + " (not the expected answer)");
  }
  if (!CanPass(result.status)) return DeliveryOutcome::Refused(answered);
  return DeliveryOutcome::TryAgain(answered, ParseRetryAfter(result.retry_after, clock_.Now()));
}

}  // namespace auditflow::curl
