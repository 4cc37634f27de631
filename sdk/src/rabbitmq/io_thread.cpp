#include "src/rabbitmq/io_thread.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace auditflow::rabbitmq {
namespace {

constexpr int kEventsPerLook = 256;
constexpr Duration kLongestSleep = std::chrono::milliseconds(500);

}  // namespace

IoThread::IoThread(const ConnectionOptions& options, Session& session, Clock& clock)
    : options_(options),
      session_(session),
      clock_(clock),
      random_(SystemRandom()),
      watchdog_(options.call_limit, clock),
      machine_({options.backoff, options.permanent_retry}, *random_, Now()) {}

ConnectionMachine::Now IoThread::Now() const { return {clock_.Monotonic(), clock_.Now()}; }

void IoThread::Start() {
  watchdog_.Start();
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void IoThread::Stop() {
  const std::lock_guard lock(stop_mutex_);
  thread_.request_stop();
  wake_up_.Signal();
  // A connection in the making has nothing to finish.
  if (Health().state == ConnectionState::kConnecting) watchdog_.Interrupt();
  if (thread_.joinable()) thread_.join();
  watchdog_.Stop();
}

ConnectionHealth IoThread::Health() const {
  const std::lock_guard lock(mutex_);
  return machine_.health();
}

Duration IoThread::BlockedFor() const {
  const std::lock_guard lock(mutex_);
  return machine_.BlockedFor(clock_.Monotonic());
}

Status IoThread::WaitUntilReady(Duration timeout) {
  std::unique_lock lock(mutex_);
  const auto settled = [this] {
    return machine_.health().up() || machine_.health().state == ConnectionState::kStopped;
  };
  const auto most = std::min<Duration>(timeout, std::chrono::hours(24 * 365));
  changed_.wait_for(lock, most, settled);
  if (machine_.health().up()) return {};
  if (settled()) return Cancelled("the connection was shut down");
  return Unavailable(machine_.health().reason);
}

template <class Change>
void IoThread::ChangeState(Change change) {
  {
    const std::lock_guard lock(mutex_);
    change(machine_);
  }
  changed_.notify_all();
  session_.OnStateChange();
}

void IoThread::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Duration due = machine_.UntilDue(clock_.Monotonic());
    if (due > Duration::zero()) {
      wake_up_.Wait(-1, due);
    } else {
      RunConnection(stop);
    }
  }
  ChangeState([this](ConnectionMachine& machine) { machine.OnStopped(Now()); });
}

void IoThread::RunConnection(const std::stop_token& stop) {
  ChangeState([](ConnectionMachine& machine) { machine.OnConnecting(); });
  AmqpConnection connection(options_, watchdog_);
  Status status = Connect(connection);
  if (status.ok()) {
    ChangeState([this](ConnectionMachine& machine) { machine.OnReady(Now()); });
    status = Serve(connection, stop);
    if (status.ok()) {
      session_.Finish(connection);
      connection.Close();
      status = Cancelled("shut down");
    }
  }
  session_.End();
  ChangeState([&](ConnectionMachine& machine) { machine.OnLost(status, Now()); });
}

Status IoThread::Connect(AmqpConnection& connection) {
  Status status = connection.Open();
  return status.ok() ? session_.Begin(connection) : status;
}

Status IoThread::Serve(AmqpConnection& connection, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool more = false;
    Status status = session_.Work(connection, blocked());
    if (status.ok()) status = DrainEvents(connection, more);
    if (status.ok()) status = session_.Work(connection, blocked());
    if (!status.ok()) return status;
    // Asked only after the events: they may have made room for sending.
    const std::optional<Duration> work = session_.UntilWork(blocked());
    if (more || (work && *work <= Duration::zero())) continue;
    Sleep(connection, work.value_or(kLongestSleep), session_.Gathering());
  }
  return {};
}

Status IoThread::DrainEvents(AmqpConnection& connection, bool& more) {
  for (int i = 0; i < kEventsPerLook; ++i) {
    Result<std::optional<AmqpEvent>> event = connection.Poll();
    if (!event) return event.error();
    if (!*event) return {};
    Status handled = HandleEvent(std::move(**event));
    if (!handled.ok()) return handled;
  }
  more = true;
  return {};
}

Status IoThread::HandleEvent(AmqpEvent event) {
  if (const auto* closed = std::get_if<Closed>(&event)) return closed->why;
  if (const auto* blocked = std::get_if<Blocked>(&event)) {
    ChangeState([&](ConnectionMachine& machine) { machine.OnBlocked(blocked->reason, Now()); });
    return {};
  }
  if (std::holds_alternative<Unblocked>(event)) {
    ChangeState([this](ConnectionMachine& machine) { machine.OnUnblocked(Now()); });
    return {};
  }
  return session_.Handle(std::move(event));
}

void IoThread::Sleep(const AmqpConnection& connection, Duration most, Duration gathering) {
  if (gathering > Duration::zero()) return wake_up_.Wait(-1, std::min(most, gathering));
  // Often enough to send heartbeats, which the library does only when called.
  const Duration limit = std::min(kLongestSleep, connection.heartbeat() / 4);
  wake_up_.Wait(connection.socket(), std::min(most, limit));
}

}  // namespace auditflow::rabbitmq
