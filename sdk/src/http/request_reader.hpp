#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "auditflow/http/message.hpp"

#include "src/http/head_check.hpp"

namespace auditflow::http {

/// Cuts the bytes of one connection into requests. Does no I/O.
///
/// Bounded: holds at most the head, one body and the bytes of one `Feed`.
/// Thread safety: thread-compatible.
class RequestReader {
 public:
  enum class State {
    kIdle,      ///< no byte of the next request yet
    kHead,      ///< in the request line or the headers
    kBody,      ///< the head is complete and good
    kComplete,  ///< see `request`
    kRefused,   ///< for good: nothing after a bad request can be trusted
  };

  explicit RequestReader(const ServerLimits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Adds bytes; those behind the end of a request wait for `Next`.
  State Feed(std::string_view bytes);
  [[nodiscard]] State state() const { return state_; }

  /// Why, if the state is kRefused.
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  /// Of the request whose head was read last.
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool is_http_1_0() const { return http_1_0_; }
  [[nodiscard]] bool is_head() const { return is_head_; }

  /// The complete request.
  [[nodiscard]] Request& request() { return request_; }
  /// Forgets the complete request and goes on with what came behind it; look at `state` again.
  void Next();

 private:
  struct Parser;

  void Advance();
  bool SkipEmptyLine();
  void ReadHead();
  bool FindEndOfHead(std::size_t& end);
  void ParseHead(std::size_t size);
  void AcceptHead();
  void ReadBody();
  void Refuse(int status, std::string reason);

  const ServerLimits limits_;
  State state_ = State::kIdle;
  Refusal refusal_;
  std::string buffer_;
  std::size_t scanned_ = 0;  // of `buffer_`, while looking for the end of the head
  std::size_t body_wire_bytes_ = 0;
  bool skipped_empty_line_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool is_head_ = false;
  Request request_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace auditflow::http
