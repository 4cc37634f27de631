#include "src/http/session.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "auditflow/core/clock.hpp"
#include "auditflow/http/problem.hpp"

#include "src/http/response_text.hpp"

namespace auditflow::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// After a refusal the client may still be sending. Closing at once would reset the connection and
// with it the answer that is on its way (RFC 9112 section 9.6).
constexpr Duration kLingerTime = std::chrono::seconds(2);
constexpr std::size_t kLingerBytes = std::size_t{16} << 20U;

std::string AddressText(const Session::Socket& socket) {
  error_code error;
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

Session::Session(Socket socket, SessionEnvironment& environment)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      environment_(environment),
      reader_(environment.options.limits),
      remote_address_(AddressText(socket_)) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
}

// Out of memory, or a defect of ours: costs this connection, not the server.
template <class Step>
void Session::Guarded(Step step) {
  try {
    step();
  } catch (...) {
    Close();
  }
}

void Session::Start() {
  Guarded([this] { Continue(); });
}

void Session::TurnAway() {
  turned_away_ = true;
  Guarded([this] { Write(Problem(503, "too many connections").Set("Retry-After", "1")); });
}

void Session::Drain() {
  draining_ = true;
  if (phase_ == Phase::kIdle) Close();
}

bool Session::Cut() {
  const bool broke_off = phase_ != Phase::kLingering && phase_ != Phase::kClosed && !turned_away_;
  Close();
  return broke_off;
}

// Acts on what the reader has: bytes of the next request may be there already.
void Session::Continue() {
  switch (reader_.state()) {
    case RequestReader::State::kComplete:
      return Handle();
    case RequestReader::State::kRefused:
      return RefuseRequest(reader_.refusal());
    case RequestReader::State::kIdle:
      if (draining_) return Close();
      phase_ = Phase::kIdle;
      break;
    case RequestReader::State::kHead:
    case RequestReader::State::kBody:
      phase_ = Phase::kReading;
      break;
  }
  WatchReading();
  if (reader_.expects_continue() && !sent_continue_) return SendContinue();
  ReadMore();
}

// Each part of a request has its own time; more bytes of the same part do not prolong it.
void Session::WatchReading() {
  const auto state = reader_.state();
  if (watched_ == state) return;
  watched_ = state;
  const ServerLimits& limits = environment_.options.limits;
  if (state == RequestReader::State::kIdle) {
    Arm(limits.idle_timeout, &Session::OnIdleTimeout);
  } else {
    Arm(state == RequestReader::State::kHead ? limits.header_timeout : limits.body_timeout,
        &Session::OnReadTimeout);
  }
}

void Session::ReadMore() {
  socket_.async_read_some(asio::buffer(input_),
                          [self = shared_from_this()](const error_code& error, std::size_t size) {
                            self->Guarded([&] { self->OnRead(error, size); });
                          });
}

void Session::OnRead(const error_code& error, std::size_t size) {
  if (phase_ != Phase::kIdle && phase_ != Phase::kReading) return;  // timed out meanwhile
  if (error) return Close();
  reader_.Feed({input_.data(), size});
  Continue();
}

void Session::SendContinue() {
  sent_continue_ = true;
  static constexpr std::string_view kText = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kText.data(), kText.size()),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->phase_ != Phase::kReading) return;
                      self->Guarded([&] { error ? self->Close() : self->ReadMore(); });
                    });
}

void Session::Handle() {
  Disarm();
  phase_ = Phase::kHandling;
  sent_continue_ = false;
  ++requests_;
  ++environment_.counters.requests;
  keep_alive_ =
      reader_.keep_alive() && requests_ < environment_.options.limits.max_requests_per_connection;
  const bool queued = environment_.workers.TrySubmit(
      [self = shared_from_this()] { self->RunHandler(self->reader_.request()); });
  if (!queued) Write(Problem(503, "busy").Set("Retry-After", "1"));
}

// On a handler thread. The I/O thread leaves the reader alone until the response is posted.
void Session::RunHandler(Request& request) {
  request.remote_address = remote_address_;
  const Duration begin = SystemClock().Monotonic();
  Router::Outcome outcome = environment_.router.Dispatch(request);
  Report({request.method, outcome.pattern, request.path, remote_address_, outcome.response.status,
          SystemClock().Monotonic() - begin, outcome.error});
  asio::post(socket_.get_executor(),
             [self = shared_from_this(), response = std::move(outcome.response)] {
               if (self->phase_ == Phase::kHandling) {
                 self->Guarded([&] { self->Write(response); });
               }
             });
}

void Session::RefuseRequest(const Refusal& refusal) {
  keep_alive_ = false;
  ++environment_.counters.requests_refused;
  if (environment_.options.on_exchange) {
    environment_.workers.TrySubmit([self = shared_from_this(), refusal] {
      Exchange exchange;
      exchange.remote_address = self->remote_address_;
      exchange.status = refusal.status;
      exchange.error = refusal.reason;
      self->Report(exchange);
    });
  }
  Write(Problem(refusal.status, refusal.reason));
}

void Session::Report(const Exchange& exchange) const {
  if (!environment_.options.on_exchange) return;
  try {
    environment_.options.on_exchange(exchange);
  } catch (...) {  // NOLINT(bugprone-empty-catch): an observer's failure is not the client's
  }
}

void Session::Write(const Response& response) {
  phase_ = Phase::kWriting;
  keep_alive_ = keep_alive_ && !draining_;
  output_ = ResponseText(response, {keep_alive_, reader_.is_http_1_0(), reader_.is_head(),
                                    std::chrono::system_clock::now()});
  Arm(environment_.options.limits.write_timeout, &Session::OnWriteTimeout);
  asio::async_write(socket_, asio::buffer(output_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->phase_ != Phase::kWriting) return;
                      self->Guarded([&] { error ? self->Close() : self->OnWritten(); });
                    });
}

void Session::OnWritten() {
  Disarm();
  output_.clear();
  if (!keep_alive_) return Linger();
  reader_.Next();
  Continue();
}

void Session::Linger() {
  phase_ = Phase::kLingering;
  error_code error;
  socket_.shutdown(tcp::socket::shutdown_send, error);
  if (error) return Close();
  Arm(kLingerTime, &Session::Close);
  LingerRead();
}

void Session::LingerRead() {
  socket_.async_read_some(asio::buffer(input_),
                          [self = shared_from_this()](const error_code& error, std::size_t size) {
                            self->lingered_bytes_ += size;
                            if (error || self->lingered_bytes_ > kLingerBytes) return self->Close();
                            self->LingerRead();
                          });
}

void Session::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  Disarm();
  error_code ignored;
  socket_.close(ignored);
  environment_.on_closed(shared_from_this());
}

void Session::Arm(Duration limit, void (Session::*on_expiry)()) {
  const std::uint64_t generation = ++timer_generation_;
  timer_.expires_after(limit);
  timer_.async_wait([self = shared_from_this(), generation, on_expiry](const error_code& error) {
    if (error || generation != self->timer_generation_) return;
    self->Guarded([&] { (self.get()->*on_expiry)(); });
  });
}

void Session::Disarm() {
  ++timer_generation_;
  watched_ = RequestReader::State::kComplete;
  timer_.cancel();
}

void Session::OnIdleTimeout() { Close(); }

void Session::OnReadTimeout() {
  ++environment_.counters.timeouts;
  const bool in_body = reader_.state() == RequestReader::State::kBody;
  RefuseRequest({408, in_body ? "the body took too long" : "the headers took too long"});
}

void Session::OnWriteTimeout() {
  ++environment_.counters.timeouts;
  Close();
}

}  // namespace auditflow::http
