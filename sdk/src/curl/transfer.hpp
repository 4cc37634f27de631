#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::curl {

/// What came back from one transfer.
struct TransferResult {
  CURLcode code = CURLE_OK;
  long status = 0;          ///< of HTTP, or the last reply of SMTP; 0: there was none
  std::string body;         ///< its first 64 KiB
  std::string retry_after;  ///< the header
  std::string message;      ///< why it failed, for people
  bool address_refused = false;
  bool aborted = false;
  bool logged_in = true;  ///< false: the login was refused
};

/// A curl handle with the settings that all transfers have: no signals, no proxy of the
/// environment, no redirects, certificates checked, bounded in time and in what is read.
///
/// Thread safety: thread-compatible; one transfer at a time.
class Transfer {
 public:
  Transfer();

  /// Null if there is no memory; then `Run` fails.
  [[nodiscard]] CURL* handle() const { return handle_.get(); }
  void SetTimeouts(Duration connect, Duration total);
  void SetCaFile(const std::string& file);
  /// Refuses to connect to addresses that are not public.
  void RequirePublicAddresses();

  TransferResult Run(const std::stop_token& abort);

 private:
  struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);

  std::unique_ptr<CURL, Cleanup> handle_;
  char error_[CURL_ERROR_SIZE] = {};
  TransferResult result_;
  std::size_t header_bytes_ = 0;
  bool cut_ = false;  ///< enough was read
  std::stop_token abort_;
};

/// A list of headers or recipients, as curl wants it.
class StringList {
 public:
  void Add(const std::string& text);
  [[nodiscard]] curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, Free> list_;
};

/// Of the header `Retry-After`: seconds, or a date. Nothing if it is neither.
std::optional<Duration> ParseRetryAfter(std::string_view text, Timestamp now);

}  // namespace auditflow::curl
