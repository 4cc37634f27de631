#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auditflow/http/router.hpp"
#include "auditflow/http/server.hpp"

namespace auditflow::http::testing {

/// A socket that sends whatever bytes a test likes. Reads give up after ten seconds, so that a
/// server that hangs fails the test instead of the run.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawConnection() { Close(); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void FinishSending() const { shutdown(fd_, SHUT_WR); }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  /// Everything until the server closes.
  std::string ReadAll() {
    while (ReadSome()) {
    }
    return std::exchange(received_, {});
  }

  /// One response: the head, and as much body as its Content-Length says unless `to_head`.
  std::string ReadResponse(bool to_head = false) {
    while (received_.find("\r\n\r\n") == std::string::npos && ReadSome()) {
    }
    const std::size_t head = received_.find("\r\n\r\n");
    if (head == std::string::npos) return std::exchange(received_, {});
    std::size_t size = head + 4;
    const std::size_t length = received_.find("Content-Length: ");
    if (!to_head && length < head) size += std::stoul(received_.substr(length + 16));
    while (received_.size() < size && ReadSome()) {
    }
    std::string response = received_.substr(0, size);
    received_.erase(0, response.size());
    return response;
  }

 private:
  bool ReadSome() {
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    received_.append(bytes.data(), static_cast<std::size_t>(size));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string received_;
};

inline std::shared_ptr<Router> EchoRouter() {
  auto router = std::make_shared<Router>();
  router->Get("/hello", [](const Request&) { return Response::Text(200, "hello"); });
  router->Get("/echo/{word}", [](const Request& request) {
    return Response::Text(200, std::string(request.Param("word")));
  });
  router->Post("/echo", [](const Request& request) { return Response::Text(200, request.body); });
  return router;
}

inline std::unique_ptr<HttpServer> StartServer(
    const ServerOptions& options = {}, std::shared_ptr<const Router> router = EchoRouter()) {
  auto server = HttpServer::Start(options, std::move(router));
  EXPECT_TRUE(server.has_value()) << (server ? "" : server.error().ToString());
  return server ? std::move(*server) : nullptr;
}

inline int StatusOf(std::string_view response) {
  if (!response.starts_with("HTTP/1.1 ") || response.size() < 12) return 0;
  return std::stoi(std::string(response.substr(9, 3)));
}

inline std::string BodyOf(const std::string& response) {
  const std::size_t head = response.find("\r\n\r\n");
  return head == std::string::npos ? "" : response.substr(head + 4);
}

}  // namespace auditflow::http::testing
