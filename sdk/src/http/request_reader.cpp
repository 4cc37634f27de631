#include "src/http/request_reader.hpp"

#include <limits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "src/http/ascii.hpp"
#include "src/http/target.hpp"

namespace auditflow::http {
namespace {

namespace beast_http = boost::beast::http;

// Beast consumes a chunk's header, or the trailers, in one piece; it sets no limit of its own.
constexpr std::size_t kMaxChunkHeader = 4096;

// A byte in a chunk of its own takes six on the wire; more overhead than that is an attack.
std::size_t MaxBodyWireBytes(const ServerLimits& limits) {
  return limits.max_body_bytes * 8 + 16 * kMaxChunkHeader;
}

std::string ToString(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct RequestReader::Parser {
  beast_http::request_parser<beast_http::string_body> beast;
};

RequestReader::RequestReader(const ServerLimits& limits) : limits_(limits) {}
RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::Feed(std::string_view bytes) {
  buffer_.append(bytes);
  Advance();
  return state_;
}

void RequestReader::Next() {
  request_ = {};
  parser_.reset();
  scanned_ = 0;
  body_wire_bytes_ = 0;
  skipped_empty_line_ = false;
  expects_continue_ = false;
  is_head_ = false;
  state_ = State::kIdle;
  Advance();
}

void RequestReader::Advance() {
  if (state_ == State::kIdle && !buffer_.empty() && !SkipEmptyLine()) state_ = State::kHead;
  if (state_ == State::kHead) ReadHead();
  if (state_ == State::kBody) ReadBody();
}

// RFC 9112 section 2.2: one empty line before a request is to be ignored. True if only (a part of)
// it is there.
bool RequestReader::SkipEmptyLine() {
  if (skipped_empty_line_) return false;
  if (buffer_ == "\r") return true;
  if (!buffer_.starts_with("\r\n")) return false;
  buffer_.erase(0, 2);
  skipped_empty_line_ = true;
  return buffer_.empty();
}

void RequestReader::ReadHead() {
  std::size_t end = 0;
  const bool found = FindEndOfHead(end);
  if (state_ == State::kRefused) return;
  const std::size_t size = found ? end : buffer_.size();
  if (buffer_.find("\r\n") == std::string::npos && size > limits_.max_target_bytes + 64) {
    return Refuse(414, "the request line is too long");
  }
  if (size > limits_.max_header_bytes) {
    return Refuse(431, "request line and headers are longer than " +
                           std::to_string(limits_.max_header_bytes) + " bytes");
  }
  if (found) ParseHead(end);
}

// Looks at each byte once. A CR or LF alone is refused where it stands, because a lax reader would
// see the end of a line, or of the head, there.
bool RequestReader::FindEndOfHead(std::size_t& end) {
  for (; scanned_ < buffer_.size(); ++scanned_) {
    const char c = buffer_[scanned_];
    const bool after_cr = scanned_ > 0 && buffer_[scanned_ - 1] == '\r';
    if ((c == '\n') != after_cr) {
      Refuse(400, "a line does not end in CRLF");
      return false;
    }
    if (c == '\n' && (scanned_ == 1 || (scanned_ >= 3 && buffer_[scanned_ - 2] == '\n'))) {
      end = scanned_ + 1;
      return true;
    }
  }
  return false;
}

void RequestReader::ParseHead(std::size_t size) {
  const std::string_view head = std::string_view(buffer_).substr(0, size);
  if (auto refusal = CheckHead(head, limits_)) {
    return Refuse(refusal->status, std::move(refusal->reason));
  }
  parser_ = std::make_unique<Parser>();
  parser_->beast.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser_->beast.body_limit(limits_.max_body_bytes);
  boost::beast::error_code error;
  parser_->beast.put(boost::asio::buffer(head.data(), head.size()), error);
  if (error == beast_http::error::body_limit) {
    return Refuse(413,
                  "the body is longer than " + std::to_string(limits_.max_body_bytes) + " bytes");
  }
  if (error || !parser_->beast.is_header_done()) {
    return Refuse(400, "malformed request: " + error.message());
  }
  buffer_.erase(0, size);
  AcceptHead();
}

// The headers are copied now: Beast would add a chunked body's trailers to them.
void RequestReader::AcceptHead() {
  const auto& message = parser_->beast.get();
  request_.method = ToString(message.method_string());
  request_.target = ToString(message.target());
  for (const auto& field : message) {
    request_.headers.emplace_back(ToString(field.name_string()), ToString(field.value()));
  }
  Result<Target> target = ParseTarget(request_.target, limits_.max_query_parameters);
  if (!target) return Refuse(400, target.error().message());
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
  http_1_0_ = message.version() == 10;
  is_head_ = request_.method == "HEAD";
  keep_alive_ = message.keep_alive();
  expects_continue_ = !http_1_0_ && request_.Header("Expect").has_value();
  state_ = State::kBody;
}

void RequestReader::ReadBody() {
  auto& beast = parser_->beast;
  beast.eager(true);
  while (!buffer_.empty() && !beast.is_done()) {
    boost::beast::error_code error;
    const std::size_t used = beast.put(boost::asio::buffer(buffer_), error);
    buffer_.erase(0, used);
    body_wire_bytes_ += used;
    if (error == beast_http::error::body_limit || body_wire_bytes_ > MaxBodyWireBytes(limits_)) {
      return Refuse(413,
                    "the body is longer than " + std::to_string(limits_.max_body_bytes) + " bytes");
    }
    if (error && error != beast_http::error::need_more) {
      return Refuse(400, "malformed body: " + error.message());
    }
    if (used == 0 && buffer_.size() > kMaxChunkHeader) {
      return Refuse(400, "a chunk header or the trailers are too long");
    }
    if (error) break;
  }
  if (!beast.is_done()) return;
  request_.body = std::move(beast.get().body());
  state_ = State::kComplete;
}

void RequestReader::Refuse(int status, std::string reason) {
  refusal_ = {status, std::move(reason)};
  state_ = State::kRefused;
  keep_alive_ = false;
}

}  // namespace auditflow::http
