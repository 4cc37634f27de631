#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace auditflow::curl {

/// One connection as a badly behaved receiver sees it.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}

  [[nodiscard]] int socket() const { return socket_; }

  /// A line without its end; empty also at the end of the connection.
  std::string ReadLine() {
    std::string line;
    char c = 0;
    while (::recv(socket_, &c, 1, 0) == 1) {
      if (c == '\n') break;
      line += c;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  void ReadHeaders() {
    while (!ReadLine().empty()) continue;
  }
  /// @return false once the other side is gone.
  bool Write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Until the other side gives up.
  void WaitForEnd() {
    char buffer[4096];
    while (::recv(socket_, buffer, sizeof(buffer), 0) > 0) continue;
  }

 private:
  int socket_;
};

/// Listens on a free port of the loopback interface and serves one connection after another.
class TcpServer {
 public:
  explicit TcpServer(std::function<void(Peer&)> serve) : serve_(std::move(serve)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 8);
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { Run(); });
  }
  ~TcpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    const int current = current_;
    if (current >= 0) ::shutdown(current, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string Url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/hook?token=s3cret";
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void Run() {
    sigset_t pipe{};  // TLS raises it where `send` is told not to
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      ++connections_;
      current_ = socket;
      Peer peer(socket);
      serve_(peer);
      current_ = -1;
      ::close(socket);
    }
  }

  const std::function<void(Peer&)> serve_;
  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> current_{-1};
  std::jthread thread_;
};

}  // namespace auditflow::curl
