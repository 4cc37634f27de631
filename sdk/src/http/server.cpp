#include "auditflow/http/server.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "src/http/session.hpp"

namespace auditflow::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Connections over the limit that are being told so; beyond it they are just closed.
constexpr std::size_t kMaxTurnedAway = 64;
// Accepting fails for want of descriptors until some connection closes.
constexpr auto kAcceptRetry = std::chrono::milliseconds(50);

std::string HostPort(const ServerOptions& options) {
  const bool v6 = options.address.find(':') != std::string::npos;
  return (v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(options.port);
}

Status CheckLimits(const ServerLimits& limits) {
  const std::pair<const char*, bool> checks[] = {
      {"max_header_bytes", limits.max_header_bytes > 0},
      {"max_target_bytes", limits.max_target_bytes > 0},
      {"max_connections", limits.max_connections > 0},
      {"max_requests_per_connection", limits.max_requests_per_connection > 0},
      {"idle_timeout", limits.idle_timeout > Duration::zero()},
      {"header_timeout", limits.header_timeout > Duration::zero()},
      {"body_timeout", limits.body_timeout > Duration::zero()},
      {"write_timeout", limits.write_timeout > Duration::zero()},
  };
  for (const auto& [name, good] : checks) {
    if (!good) return InvalidArgument(std::string("limits.") + name + ": must be positive");
  }
  return {};
}

Status CheckOptions(const ServerOptions& options, const std::shared_ptr<const Router>& router) {
  if (!router) return InvalidArgument("router: is null");
  if (options.address.empty()) return InvalidArgument("address: is empty");
  constexpr std::size_t kMaxThreads = 1024;
  if (options.threads == 0 || options.threads > kMaxThreads) {
    return InvalidArgument("threads: must be between 1 and " + std::to_string(kMaxThreads));
  }
  return CheckLimits(options.limits);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const ServerOptions& options, std::shared_ptr<const Router> router)
      : options_(options),
        router_(std::move(router)),
        acceptor_(io_),
        accept_timer_(io_),
        workers_(options.threads, 2 * options.limits.max_connections),
        environment_{options_, *router_, workers_, counters_,
                     [this](const std::shared_ptr<Session>& session) { Forget(session); }} {}
  ~Impl() {
    try {
      (void)Shutdown(Duration::zero());
    } catch (...) {  // out of memory: the thread, not joined, ends the program
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status Listen();
  Status Shutdown(Duration grace);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] ServerStatistics Statistics() const;

 private:
  void RunIo();
  void Accept();
  void OnAccept(const error_code& error, tcp::socket socket);
  void RetryAccept();
  void Forget(const std::shared_ptr<Session>& session);
  bool WaitUntilEmpty(Duration grace);
  bool CutAll();
  template <class Step>
  void OnIoThread(Step step);

  const ServerOptions options_;
  const std::shared_ptr<const Router> router_;
  Counters counters_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_;
  WorkerPool workers_;
  SessionEnvironment environment_;
  std::uint16_t port_ = 0;

  std::mutex mutex_;
  std::condition_variable emptied_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;

  std::mutex shutdown_mutex_;
  bool shut_down_ = false;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::thread io_thread_;
};

Status HttpServer::Impl::Listen() {
  error_code error;
  tcp::resolver resolver(io_);
  const auto found = resolver.resolve(options_.address, std::to_string(options_.port),
                                      tcp::resolver::passive, error);
  const auto unusable = [this](const error_code& why) {
    return Unavailable("cannot listen on " + HostPort(options_) + ": " + why.message());
  };
  if (error || found.empty()) return unusable(error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return unusable(error);
  port_ = acceptor_.local_endpoint(error).port();
  if (error) return unusable(error);
  Accept();
  work_.emplace(io_.get_executor());
  io_thread_ = std::thread([this] { RunIo(); });
  return {};
}

void HttpServer::Impl::RunIo() {
  while (true) {
    try {
      io_.run();
      return;
    } catch (...) {  // NOLINT(bugprone-empty-catch): sessions guard themselves; go on for the rest
    }
  }
}

void HttpServer::Impl::Accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    OnAccept(error, std::move(socket));
  });
}

void HttpServer::Impl::OnAccept(const error_code& error, tcp::socket socket) {
  if (error) return RetryAccept();
  std::size_t sessions = 0;
  {
    const std::scoped_lock lock(mutex_);
    sessions = sessions_.size();
  }
  ++counters_.accepted;
  const bool full = counters_.open >= options_.limits.max_connections;
  if (full) ++counters_.refused;
  if (sessions < options_.limits.max_connections + kMaxTurnedAway) {
    auto session = std::make_shared<Session>(std::move(socket), environment_);
    {
      const std::scoped_lock lock(mutex_);
      sessions_.insert(session);
    }
    if (!full) ++counters_.open;
    full ? session->TurnAway() : session->Start();
  }
  Accept();
}

void HttpServer::Impl::RetryAccept() {
  accept_timer_.expires_after(kAcceptRetry);
  accept_timer_.async_wait([this](const error_code& error) {
    if (!error && acceptor_.is_open()) Accept();
  });
}

void HttpServer::Impl::Forget(const std::shared_ptr<Session>& session) {
  if (!session->turned_away()) --counters_.open;
  const std::scoped_lock lock(mutex_);
  sessions_.erase(session);
  if (sessions_.empty()) emptied_.notify_all();
}

template <class Step>
void HttpServer::Impl::OnIoThread(Step step) {
  std::promise<void> done;
  asio::post(io_, [&] {
    step();
    done.set_value();
  });
  done.get_future().wait();
}

bool HttpServer::Impl::WaitUntilEmpty(Duration grace) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, grace, [this] { return sessions_.empty(); });
}

// Sessions leave the set as they close, so both walk a copy.
bool HttpServer::Impl::CutAll() {
  bool broke_off = false;
  OnIoThread([&] {
    for (const auto& session : std::unordered_set(sessions_)) {
      if (session->Cut()) broke_off = true;
    }
  });
  return broke_off;
}

Status HttpServer::Impl::Shutdown(Duration grace) {
  if (workers_.OnOwnThread()) {
    return FailedPrecondition("a handler cannot shut its own server down");
  }
  const std::scoped_lock lock(shutdown_mutex_);
  if (shut_down_ || !io_thread_.joinable()) return {};
  shut_down_ = true;
  OnIoThread([this] {
    error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    for (const auto& session : std::unordered_set(sessions_)) session->Drain();
  });
  const bool finished = WaitUntilEmpty(grace);
  const bool broke_off = !finished && CutAll();
  workers_.Stop();
  work_.reset();
  io_.stop();
  io_thread_.join();
  return broke_off ? DeadlineExceeded("requests were cut off") : Status();
}

ServerStatistics HttpServer::Impl::Statistics() const {
  return {counters_.open,     counters_.accepted,         counters_.refused,
          counters_.requests, counters_.requests_refused, counters_.timeouts};
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const ServerOptions& options,
                                                      std::shared_ptr<const Router> router) {
  if (Status status = CheckOptions(options, router); !status.ok()) return Error(std::move(status));
  try {
    auto impl = std::make_unique<Impl>(options, std::move(router));
    if (Status status = impl->Listen(); !status.ok()) return Error(std::move(status));
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
  } catch (const std::exception& e) {
    return Error(
        ResourceExhausted("cannot start the server on " + HostPort(options) + ": " + e.what()));
  }
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return impl_->port(); }
ServerStatistics HttpServer::Statistics() const { return impl_->Statistics(); }
Status HttpServer::Shutdown(Duration grace) { return impl_->Shutdown(grace); }

}  // namespace auditflow::http
