#include "auditflow/http/client.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "src/http/ascii.hpp"
#include "src/http/client_connection.hpp"

namespace auditflow::http {
namespace {

namespace beast_http = boost::beast::http;
using Parser = beast_http::response_parser<beast_http::string_body>;

bool IsTargetChar(char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; }

bool IsFramingHeader(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOwn = {"Host", "Content-Length", "Transfer-Encoding",
                                                    "Connection"};
  return std::ranges::any_of(kOwn, [name](std::string_view own) { return EqualNoCase(own, name); });
}

Status Check(const ClientOptions& options, const ClientRequest& request) {
  if (options.host.empty() || !std::ranges::all_of(options.host, IsTargetChar)) {
    return InvalidArgument("host: empty, or with a blank or control character");
  }
  if (!IsToken(request.method)) return InvalidArgument("method: not a token");
  if (!request.target.starts_with('/') || !std::ranges::all_of(request.target, IsTargetChar)) {
    return InvalidArgument("target: must begin with '/' and have no blank or control character");
  }
  if (!IsFieldValue(request.content_type))
    return InvalidArgument("content_type: control character");
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name) || !IsFieldValue(value)) {
      return InvalidArgument("headers: a name or value that could break the message");
    }
    if (IsFramingHeader(name)) return InvalidArgument("headers: " + name + " is the client's own");
  }
  return {};
}

std::string RequestText(const ClientOptions& options, const ClientRequest& request, bool keep) {
  std::string text =
      request.method + ' ' + request.target + " HTTP/1.1\r\nHost: " + Authority(options) + "\r\n";
  if (!keep) text += "Connection: close\r\n";
  if (!request.content_type.empty()) text += "Content-Type: " + request.content_type + "\r\n";
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  for (const auto& [name, value] : request.headers) text.append(name + ": " + value + "\r\n");
  return text + "\r\n" + request.body;
}

class ResponseReader {
 public:
  ResponseReader(const ClientOptions& options, bool to_head)
      : options_(options), peer_(Authority(options)), to_head_(to_head) {
    NewParser();
  }

  Result<ClientResponse> ReadFrom(ClientConnection& connection) {
    std::array<char, 16'384> bytes{};
    while (!parser_->is_done()) {
      Result<std::size_t> size = connection.Read(bytes.data(), bytes.size());
      if (!size) return Error(size.error());
      has_begun_ = has_begun_ || *size > 0;
      const Status status = *size == 0 ? End() : Feed({bytes.data(), *size});
      if (!status.ok()) return Error(status);
    }
    // What comes behind the answer was asked for by nobody.
    leaves_connection_ = parser_->keep_alive() && !parser_->need_eof() && buffer_.empty();
    return Take();
  }

  /// Whether anything of an answer has come.
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  /// Whether the connection can be used again.
  [[nodiscard]] bool leaves_connection() const { return leaves_connection_; }

 private:
  void NewParser() {
    parser_.emplace();
    parser_->eager(true);
    parser_->skip(to_head_);
    parser_->header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(
        options_.max_header_bytes, std::numeric_limits<std::uint32_t>::max())));
    parser_->body_limit(options_.max_body_bytes);
  }

  Status Feed(std::string_view bytes) {
    buffer_.append(bytes);
    while (!buffer_.empty() && !parser_->is_done()) {
      boost::beast::error_code error;
      const std::size_t used = parser_->put(boost::asio::buffer(buffer_), error);
      buffer_.erase(0, used);
      if (error == beast_http::error::need_more) return CheckBuffered();
      if (error) return Malformed(error);
      SkipInterim();
    }
    return {};
  }

  // 100 Continue and its like come before the answer.
  void SkipInterim() {
    if (parser_->is_done() && parser_->get().result_int() / 100 == 1) NewParser();
  }

  [[nodiscard]] Status CheckBuffered() const {
    if (buffer_.size() <= options_.max_header_bytes) return {};
    return ResourceExhausted(peer_ + ": the answer's headers are too long");
  }

  Status End() {
    boost::beast::error_code error;
    if (parser_->got_some()) parser_->put_eof(error);
    if (!parser_->got_some() || error || !parser_->is_done()) {
      return Unavailable(peer_ + ": connection closed before the end of the answer");
    }
    return {};
  }

  [[nodiscard]] Status Malformed(const boost::beast::error_code& error) const {
    if (error == beast_http::error::body_limit || error == beast_http::error::header_limit) {
      return ResourceExhausted(peer_ + ": the answer is too large");
    }
    return DataLoss(peer_ + ": malformed answer: " + error.message());
  }

  Result<ClientResponse> Take() {
    auto& message = parser_->get();
    ClientResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    return response;
  }

  const ClientOptions& options_;
  const std::string peer_;
  const bool to_head_;
  std::string buffer_;
  std::optional<Parser> parser_;
  bool has_begun_ = false;
  bool leaves_connection_ = false;
};

struct Outcome {
  Result<ClientResponse> response;
  bool has_begun = false;
  bool leaves_connection = false;
};

Outcome Exchange(ClientConnection& connection, const ClientOptions& options,
                 const ClientRequest& request, bool keep) {
  const Status sent = connection.Write(RequestText(options, request, keep));
  if (sent.code() == StatusCode::kDeadlineExceeded) return {Error(sent)};
  // A server may refuse, and say so, before it has read everything.
  ResponseReader reader(options, request.method == "HEAD");
  Outcome outcome{reader.ReadFrom(connection)};
  if (!outcome.response && !sent.ok()) outcome.response = Error(sent);
  outcome.has_begun = reader.has_begun();
  outcome.leaves_connection = sent.ok() && reader.leaves_connection();
  return outcome;
}

}  // namespace

struct Client::Impl {
  struct Idle {
    std::unique_ptr<ClientConnection> connection;
    Duration until{0};  ///< monotonic
  };

  /// One that was used before and can be again; null if there is none.
  std::unique_ptr<ClientConnection> TakeIdle() {
    const std::scoped_lock lock(mutex);
    while (!idle.empty()) {
      Idle newest = std::move(idle.back());
      idle.pop_back();
      if (newest.until > clock.Monotonic() && newest.connection->IsQuiet()) {
        newest.connection->RestartDeadline();
        return std::move(newest.connection);
      }
    }
    return nullptr;
  }

  void Keep(std::unique_ptr<ClientConnection> connection) {
    if (pool.max_idle == 0) return;
    const std::scoped_lock lock(mutex);
    if (idle.size() >= pool.max_idle) idle.erase(idle.begin());
    idle.push_back({std::move(connection), clock.Monotonic() + pool.idle_time});
  }

  Result<ClientResponse> Finish(std::unique_ptr<ClientConnection> connection, Outcome outcome) {
    if (outcome.leaves_connection) Keep(std::move(connection));
    return std::move(outcome.response);
  }

  const ClientOptions options;
  const ClientPoolOptions pool;
  Clock& clock;
  std::mutex mutex;
  std::vector<Idle> idle;  ///< the newest last
};

Client::Client(ClientOptions options, const ClientPoolOptions& pool, Clock& clock)
    : impl_(new Impl{std::move(options), pool, clock, {}, {}}) {}
Client::~Client() = default;

Result<ClientResponse> Client::Send(const ClientRequest& request) {
  if (Status status = Check(impl_->options, request); !status.ok()) return Error(std::move(status));
  const bool may_repeat = request.method == "GET" || request.method == "HEAD";
  if (auto used = may_repeat ? impl_->TakeIdle() : nullptr) {
    Outcome outcome = Exchange(*used, impl_->options, request, true);
    const bool broke = !outcome.response && !outcome.has_begun &&
                       outcome.response.error().code() == StatusCode::kUnavailable;
    if (!broke) return impl_->Finish(std::move(used), std::move(outcome));
  }
  auto connection = std::make_unique<ClientConnection>(impl_->options);
  if (Status status = connection->Connect(); !status.ok()) return Error(std::move(status));
  Outcome outcome = Exchange(*connection, impl_->options, request, true);
  return impl_->Finish(std::move(connection), std::move(outcome));
}

std::string_view ClientResponse::Header(std::string_view name) const {
  return FindHeader(headers, name).value_or(std::string_view());
}

Result<ClientResponse> Send(const ClientOptions& options, const ClientRequest& request) {
  if (Status status = Check(options, request); !status.ok()) return Error(std::move(status));
  ClientConnection connection(options);
  if (Status status = connection.Connect(); !status.ok()) return Error(std::move(status));
  return Exchange(connection, options, request, false).response;
}

Result<ClientResponse> Get(const ClientOptions& options, std::string_view target) {
  ClientRequest request;
  request.target = target;
  return Send(options, request);
}

Result<ClientResponse> Post(const ClientOptions& options, std::string_view target, std::string body,
                            std::string_view content_type) {
  ClientRequest request;
  request.method = "POST";
  request.target = target;
  request.body = std::move(body);
  request.content_type = content_type;
  return Send(options, request);
}

std::string EscapeUri(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const char lower = LowerAscii(c);
    const bool unreserved = (lower >= 'a' && lower <= 'z') || IsDigit(c) ||
                            std::string_view("-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved) {
      escaped += c;
    } else {
      escaped += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return escaped;
}

}  // namespace auditflow::http
