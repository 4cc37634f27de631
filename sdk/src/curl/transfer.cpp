#include "src/curl/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/curl/addresses.hpp"

namespace auditflow::curl {
namespace {

constexpr std::size_t kMaxBody = std::size_t{64} * 1024;
constexpr std::size_t kMaxHeaders = std::size_t{64} * 1024;

/// Keeps SIGPIPE from this thread: TLS writes to a connection that the other side has closed raise
/// it, and curl leaves it alone where it is told to use no signals.
class PipeGuard {
 public:
  PipeGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    if (!was_pending_) pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeGuard() {
    if (was_pending_) return;
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == -1 && errno == EINTR) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeGuard(const PipeGuard&) = delete;
  PipeGuard& operator=(const PipeGuard&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// Of the process; curl wants it before its first use.
bool InitCurl() {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return kReady;
}

long Milliseconds(Duration d) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(d).count();
  return static_cast<long>(std::clamp<std::int64_t>(milliseconds, 1, 1'000'000'000));
}

bool EqualInEitherCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

Transfer::Transfer() : handle_(InitCurl() ? curl_easy_init() : nullptr) {
  CURL* const curl = handle();
  if (curl == nullptr) return;
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
}

void Transfer::SetTimeouts(Duration connect, Duration total) {
  curl_easy_setopt(handle(), CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(connect));
  curl_easy_setopt(handle(), CURLOPT_TIMEOUT_MS, Milliseconds(total));
}

void Transfer::SetCaFile(const std::string& file) {
  if (!file.empty()) curl_easy_setopt(handle(), CURLOPT_CAINFO, file.c_str());
}

void Transfer::RequirePublicAddresses() {
  curl_easy_setopt(handle(), CURLOPT_OPENSOCKETFUNCTION, OnOpenSocket);
  curl_easy_setopt(handle(), CURLOPT_OPENSOCKETDATA, this);
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  std::string& body = transfer.result_.body;
  const std::size_t room = kMaxBody - body.size();
  body.append(data, std::min(bytes, room));
  transfer.cut_ = bytes > room;
  return transfer.cut_ ? 0 : bytes;  // less than was given ends the transfer
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  transfer.header_bytes_ += line.size();
  if (transfer.header_bytes_ > kMaxHeaders) return 0;
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && EqualInEitherCase(line.substr(0, colon), "retry-after")) {
    transfer.result_.retry_after = Trim(line.substr(colon + 1));
  }
  return line.size();
}

int Transfer::OnProgress(void* self, curl_off_t /*unused*/, curl_off_t /*unused*/,
                         curl_off_t /*unused*/, curl_off_t /*unused*/) {
  return static_cast<Transfer*>(self)->abort_.stop_requested() ? 1 : 0;
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  if (!IsPublicAddress(&address->addr)) {
    static_cast<Transfer*>(self)->result_.address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

TransferResult Transfer::Run(const std::stop_token& abort) {
  result_ = TransferResult();
  header_bytes_ = 0;
  cut_ = false;
  abort_ = abort;
  error_[0] = '\0';
  if (handle() == nullptr) {
    result_.code = CURLE_FAILED_INIT;
    result_.message = "out of memory";
    return std::move(result_);
  }
  const PipeGuard guard;
  result_.code = curl_easy_perform(handle());
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &result_.status);
  if (result_.code == CURLE_WRITE_ERROR && cut_) result_.code = CURLE_OK;
  result_.aborted = result_.code == CURLE_ABORTED_BY_CALLBACK;
  result_.logged_in = result_.code != CURLE_LOGIN_DENIED;
  if (result_.code != CURLE_OK) {
    result_.message = error_[0] != '\0' ? error_ : curl_easy_strerror(result_.code);
  }
  return std::move(result_);
}

void StringList::Add(const std::string& text) {
  curl_slist* const longer = curl_slist_append(list_.get(), text.c_str());
  if (longer == nullptr) return;
  (void)list_.release();  // it is the beginning of the longer one
  list_.reset(longer);
}

std::optional<Duration> ParseRetryAfter(std::string_view text, Timestamp now) {
  using std::chrono::seconds;
  constexpr std::int64_t kLongest = std::int64_t{366} * 24 * 3600;
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t count = 0;
    for (const char c : text) count = std::min(count * 10 + (c - '0'), kLongest);
    return seconds(count);
  }
  const std::time_t at = curl_getdate(std::string(text).c_str(), nullptr);
  if (at < 0) return std::nullopt;
  const std::int64_t now_seconds = now.unix_nanos() / 1'000'000'000;
  return seconds(std::clamp<std::int64_t>(at - now_seconds, 0, kLongest));
}

}  // namespace auditflow::curl
