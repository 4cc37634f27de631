#include "src/postgres/connection_pool.hpp"

#include <algorithm>

#include <pqxx/nontransaction>

#include "src/postgres/conninfo.hpp"

namespace auditflow::postgres {

ConnectionPool::Lease::Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection,
                             bool was_idle)
    : pool_(&pool),
      connection_(std::move(connection)),
      was_idle_(was_idle),
      watch_(pool.watchdog_.Guard(connection_->socket(),
                                  pool.options_.statement_timeout + pool.options_.stall_grace)) {}

ConnectionPool::Lease::~Lease() {
  if (!connection_) return;
  watch_ = {};
  pool_->Release(std::move(connection_));
}

void ConnectionPool::Lease::Drop() {
  connection_.reset();
  pool_->Forget();
}

ConnectionPool::ConnectionPool(const PostgresOptions& options, Prepare prepare, Clock& clock)
    : options_(options),
      connection_string_(ConnectionString(options)),
      prepare_(std::move(prepare)),
      clock_(clock),
      watchdog_(clock) {
  health_ = {.up = false, .since = clock.Now(), .reason = "starting"};
  if (options.connect_at_once) Start();
}

void ConnectionPool::Start() {
  const std::lock_guard lock(mutex_);
  if (keeper_.joinable()) return;
  keeper_ = std::jthread([this](const std::stop_token& stop) { Keep(stop); });
}

ConnectionPool::~ConnectionPool() {
  keeper_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    wake_keeper_.request_stop();
  }
  if (keeper_.joinable()) keeper_.join();
}

PostgresHealth ConnectionPool::Health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

PoolStatistics ConnectionPool::Statistics() const {
  const std::lock_guard lock(mutex_);
  PoolStatistics statistics = statistics_;
  statistics.max_connections = options_.max_connections;
  statistics.idle = idle_.size();
  statistics.in_use = open_ - idle_.size();
  statistics.waiting = waiters_.size();
  return statistics;
}

void ConnectionPool::CountLoss() {
  const std::lock_guard lock(mutex_);
  ++statistics_.lost;
}

std::string ConnectionPool::Scrub(const std::string& message) const {
  const std::string& password = options_.password.Reveal();
  std::string text = message;
  if (password.empty()) return text;
  for (std::size_t at = text.find(password); at != std::string::npos;
       at = text.find(password, at)) {
    text.replace(at, password.size(), "***");
    at += 3;
  }
  return text;
}

Result<ConnectionPool::Lease> ConnectionPool::Acquire(bool fresh) {
  std::unique_lock lock(mutex_);
  if (state_ == State::kDown) return Error(Unavailable(health_.reason));
  if (!fresh && state_ == State::kUp && !idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    lock.unlock();
    return Lease(*this, std::move(connection), true);
  }
  if (state_ == State::kUp && open_ < options_.max_connections) {
    ++open_;
    lock.unlock();
    return OpenCounted();
  }
  return Await(lock);
}

Result<ConnectionPool::Lease> ConnectionPool::Await(std::unique_lock<std::mutex>& lock) {
  Waiter waiter;
  waiters_.push_back(&waiter);
  ++statistics_.waits;
  lock.unlock();
  const Duration begin = clock_.Monotonic();
  clock_.SleepFor(options_.acquire_timeout, waiter.served.get_token());
  lock.lock();
  statistics_.waited += clock_.Monotonic() - begin;
  const auto place = std::find(waiters_.begin(), waiters_.end(), &waiter);
  if (place != waiters_.end()) {
    waiters_.erase(place);
    ++statistics_.timed_out;
    if (state_ == State::kStarting) return Error(Unavailable(health_.reason));
    return Error(ResourceExhausted("all " + std::to_string(options_.max_connections) +
                                   " connections to the database are in use"));
  }
  lock.unlock();
  if (waiter.connection) return Lease(*this, std::move(waiter.connection), true);
  if (waiter.may_open) return OpenCounted();
  return Error(waiter.status);
}

Result<std::unique_ptr<Connection>> ConnectionPool::Open() {
  Result<std::unique_ptr<Connection>> connection = Connection::Open(connection_string_);
  const std::lock_guard lock(mutex_);
  ++(connection ? statistics_.opened : statistics_.failed);
  return connection;
}

Result<ConnectionPool::Lease> ConnectionPool::OpenCounted() {
  Result<std::unique_ptr<Connection>> connection = Open();
  if (connection) return Lease(*this, *std::move(connection), false);
  Forget();
  const std::string reason = Scrub(connection.error().message());
  SetDown(reason);
  return Error(Unavailable(reason));
}

void ConnectionPool::ServeFirst(std::unique_ptr<Connection> connection) {
  Waiter& waiter = *waiters_.front();
  waiters_.pop_front();
  waiter.may_open = !connection;
  waiter.connection = std::move(connection);
  waiter.served.request_stop();
}

void ConnectionPool::Release(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (!waiters_.empty()) {
    ServeFirst(std::move(connection));
  } else {
    idle_.push_back(std::move(connection));
  }
}

void ConnectionPool::Forget() {
  const std::lock_guard lock(mutex_);
  --open_;
  if (waiters_.empty() || state_ != State::kUp) return;
  ++open_;
  ServeFirst(nullptr);
}

void ConnectionPool::DropIdle() {
  std::vector<std::unique_ptr<Connection>> dropped;  // closed without the lock
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
  open_ -= dropped.size();
  wake_keeper_.request_stop();
}

void ConnectionPool::SetUp(std::unique_ptr<Connection> connection, const std::string& remark) {
  {
    const std::lock_guard lock(mutex_);
    if (!health_.up) health_.since = clock_.Now();
    health_.up = true;
    health_.reason = remark;
    state_ = State::kUp;
    if (open_ < options_.max_connections) {
      ++open_;
      idle_.push_back(std::move(connection));
    }
    while (!waiters_.empty() && !idle_.empty()) {
      std::unique_ptr<Connection> next = std::move(idle_.back());
      idle_.pop_back();
      ServeFirst(std::move(next));
    }
    for (; !waiters_.empty() && open_ < options_.max_connections; ++open_) ServeFirst(nullptr);
  }
  Tell();
}

void ConnectionPool::SetDown(const std::string& reason) {
  {
    std::vector<std::unique_ptr<Connection>> dropped;
    const std::lock_guard lock(mutex_);
    if (health_.up) health_.since = clock_.Now();
    health_.up = false;
    health_.reason = reason;
    state_ = State::kDown;
    dropped.swap(idle_);
    open_ -= dropped.size();
    for (Waiter* waiter : waiters_) {
      waiter->status = Unavailable(reason);
      waiter->served.request_stop();
    }
    waiters_.clear();
    wake_keeper_.request_stop();
  }
  Tell();
}

void ConnectionPool::Tell() {
  if (!options_.on_health) return;
  const std::lock_guard order(tell_mutex_);
  PostgresHealth now = Health();
  if (now.up == told_.up && now.reason == told_.reason) return;
  told_ = now;
  options_.on_health(now);
}

void ConnectionPool::ConnectOnce() {
  Result<std::unique_ptr<Connection>> connection = Open();
  if (!connection) return SetDown(Scrub(connection.error().message()));
  Status prepared;
  {
    const Watchdog::Watch watch =
        watchdog_.Guard((*connection)->socket(), options_.migration_timeout + options_.stall_grace);
    prepared = prepare_(**connection);
  }
  if (!prepared.ok()) return SetDown(Scrub(prepared.message()));
  SetUp(*std::move(connection), "");
}

void ConnectionPool::CheckIdle() {
  std::unique_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    if (idle_.empty() && open_ > 0) return;  // in use: whoever uses them will find out
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) return ConnectOnce();
  Lease lease(*this, std::move(connection), true);
  try {
    pqxx::nontransaction(lease.connection().raw()).exec("SELECT 1");
  } catch (...) {
    lease.Drop();
    DropIdle();
    CountLoss();
    ConnectOnce();
  }
}

Duration ConnectionPool::Pause(bool reached) {
  if (reached) {
    backoff_.Reset();
    return options_.health_interval;
  }
  const Duration pause = backoff_.Next();
  return IsLastingRefusal(Health().reason) ? std::max(pause, options_.refused_retry) : pause;
}

void ConnectionPool::Keep(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::stop_token wake;
    {
      const std::lock_guard lock(mutex_);
      wake_keeper_ = std::stop_source();
      wake = wake_keeper_.get_token();
    }
    if (stop.stop_requested()) return;
    if (Health().up) {
      CheckIdle();
    } else {
      ConnectOnce();
    }
    const bool up = Health().up;
    // A new failure must not cut the pause after a failure short.
    clock_.SleepFor(Pause(up), up ? wake : stop);
  }
}

}  // namespace auditflow::postgres
