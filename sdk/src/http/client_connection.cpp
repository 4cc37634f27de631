#include "src/http/client_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auditflow/core/clock.hpp"

namespace auditflow::http {

std::string Authority(const ClientOptions& options) {
  const bool v6 = options.host.find(':') != std::string::npos && !options.host.starts_with('[');
  return (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

ClientConnection::ClientConnection(const ClientOptions& options)
    : peer_(Authority(options)), options_(options) {
  RestartDeadline();
}

ClientConnection::~ClientConnection() { Close(); }

void ClientConnection::RestartDeadline() {
  deadline_ = SystemClock().Monotonic() + options_.timeout;
}

bool ClientConnection::IsQuiet() const {
  pollfd poll_fd{fd_, POLLIN, 0};
  return poll(&poll_fd, 1, 0) == 0;
}

void ClientConnection::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Status ClientConnection::Failed(std::string_view what, int error) const {
  return Unavailable(peer_ + ": " + std::string(what) + ": " +
                     std::generic_category().message(error));
}

Status ClientConnection::Connect() {
  struct Free {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
  };
  std::string host = options_.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(host.c_str(), std::to_string(options_.port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, Free> list(found);
  if (error != 0) return Unavailable(peer_ + ": " + gai_strerror(error));
  Status status = Unavailable(peer_ + ": no address");
  for (const addrinfo* address = list.get(); address != nullptr; address = address->ai_next) {
    status = ConnectTo(*address);
    if (status.ok() || status.code() == StatusCode::kDeadlineExceeded) break;
  }
  return status;
}

Status ClientConnection::ConnectTo(const addrinfo& address) {
  Close();
  fd_ = socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
               address.ai_protocol);
  if (fd_ < 0) return Failed("cannot make a socket", errno);
  if (connect(fd_, address.ai_addr, address.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return Failed("cannot connect", errno);
  if (Status status = WaitFor(POLLOUT); !status.ok()) return status;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? Status() : Failed("cannot connect", error);
}

Status ClientConnection::WaitFor(short events) {
  pollfd poll_fd{fd_, events, 0};
  while (true) {
    using Millis = std::chrono::duration<std::int64_t, std::milli>;
    const auto left = std::chrono::ceil<Millis>(deadline_ - SystemClock().Monotonic()).count();
    const std::int64_t kLongest = std::numeric_limits<int>::max();
    const int ready =
        poll(&poll_fd, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongest)));
    if (ready > 0) return {};
    if (ready == 0) return DeadlineExceeded(peer_ + ": no answer in time");
    if (errno != EINTR) return Failed("cannot wait", errno);
  }
}

Status ClientConnection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (Status status = WaitFor(POLLOUT); !status.ok()) return status;
    } else if (errno != EINTR) {
      return Failed("cannot send", errno);
    }
  }
  return {};
}

Result<std::size_t> ClientConnection::Read(char* buffer, std::size_t size) {
  while (true) {
    if (Status status = WaitFor(POLLIN); !status.ok()) return Error(std::move(status));
    const ssize_t received = recv(fd_, buffer, size, 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      return Error(Failed("connection lost", errno));
    }
  }
}

}  // namespace auditflow::http
