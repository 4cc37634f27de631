#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "auditflow/http/server.hpp"

#include "src/http/request_reader.hpp"
#include "src/http/worker_pool.hpp"

namespace auditflow::http {

class Session;

struct Counters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_refused{0};
  std::atomic<std::uint64_t> timeouts{0};
};

/// What sessions share. Outlives them all.
struct SessionEnvironment {
  const ServerOptions& options;
  const Router& router;
  WorkerPool& workers;
  Counters& counters;
  std::function<void(const std::shared_ptr<Session>&)> on_closed;
};

/// One connection: reads a request, has it handled, writes the response, and again.
///
/// Lives on the I/O thread; only the handler itself runs elsewhere. Kept alive by its operations.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Session(Socket socket, SessionEnvironment& environment);

  void Start();
  /// Answers 503 and closes: there are too many.
  void TurnAway();
  [[nodiscard]] bool turned_away() const { return turned_away_; }
  /// Closes after the request that has begun, or now if there is none.
  void Drain();
  /// Closes now. @return true if that broke a request off.
  bool Cut();

 private:
  enum class Phase { kIdle, kReading, kHandling, kWriting, kLingering, kClosed };

  void Continue();
  void ReadMore();
  void OnRead(const boost::system::error_code& error, std::size_t size);
  void SendContinue();
  void Handle();
  void RunHandler(Request& request);
  void RefuseRequest(const Refusal& refusal);
  void Report(const Exchange& exchange) const;
  void Write(const Response& response);
  void OnWritten();
  void Linger();
  void LingerRead();
  void Close();

  void WatchReading();
  void Arm(Duration limit, void (Session::*on_expiry)());
  void Disarm();
  void OnIdleTimeout();
  void OnReadTimeout();
  void OnWriteTimeout();

  template <class Step>
  void Guarded(Step step);

  Socket socket_;
  boost::asio::steady_timer timer_;
  std::uint64_t timer_generation_ = 0;
  SessionEnvironment& environment_;
  RequestReader reader_;
  RequestReader::State watched_ = RequestReader::State::kComplete;  // what the timer is set for
  Phase phase_ = Phase::kIdle;
  std::string remote_address_;
  std::string output_;
  std::array<char, 16'384> input_{};
  std::size_t requests_ = 0;
  std::size_t lingered_bytes_ = 0;
  bool keep_alive_ = false;
  bool turned_away_ = false;
  bool draining_ = false;
  bool sent_continue_ = false;
};

}  // namespace auditflow::http
