#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "auditflow/http/client.hpp"

struct addrinfo;

namespace auditflow::http {

/// A TCP connection whose every step ends by one deadline.
///
/// Thread safety: thread-compatible.
class ClientConnection {
 public:
  explicit ClientConnection(const ClientOptions& options);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Tries each address of the host in turn.
  Status Connect();
  /// Begins the deadline anew, for the next request.
  void RestartDeadline();
  /// Whether the peer has neither closed it nor sent anything that nobody asked for.
  [[nodiscard]] bool IsQuiet() const;
  /// @return kUnavailable if the peer takes no more; it may have answered already.
  Status Write(std::string_view bytes);
  /// Waits for bytes; 0 at the end of the stream.
  Result<std::size_t> Read(char* buffer, std::size_t size);

 private:
  Status ConnectTo(const addrinfo& address);
  Status WaitFor(short events);
  [[nodiscard]] Status Failed(std::string_view what, int error) const;
  void Close();

  const std::string peer_;
  const ClientOptions& options_;
  Duration deadline_;  // monotonic
  int fd_ = -1;
};

/// "host:port", with brackets around an IPv6 address.
std::string Authority(const ClientOptions& options);

}  // namespace auditflow::http
