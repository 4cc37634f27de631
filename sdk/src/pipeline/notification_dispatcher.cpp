#include "auditflow/pipeline/notification_dispatcher.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "auditflow/observe/logging.hpp"
#include "auditflow/pipeline/worker.hpp"

#include "src/pipeline/channel_worker.hpp"

namespace auditflow::pipeline {

struct NotificationDispatcher::Impl {
  Impl(store::Outbox& outbox, std::vector<NotificationChannel> channels, observe::Metrics& metrics,
       observe::HealthRegistry& health, const NotificationDispatcherOptions& options, Clock& clock)
      : context{outbox, health, options, clock, DispatchMetrics(metrics), {}} {
    std::uint64_t seed = options.seed;
    for (NotificationChannel& channel : channels) {
      workers.push_back(std::make_unique<ChannelWorker>(context, std::move(channel), seed));
      if (seed != 0) ++seed;
    }
  }

  Status RefreshNumbers();
  Status ForgetDead();
  void Count(const std::stop_token& stop);

  DispatchContext context;
  std::vector<std::unique_ptr<ChannelWorker>> workers;
  std::set<std::string, std::less<>> shown;  ///< channels whose numbers are in the metrics
  std::mutex shown_mutex;
  std::vector<std::unique_ptr<Worker>> threads;
};

Status NotificationDispatcher::Impl::ForgetDead() {
  const NotificationDispatcherOptions& options = context.options;
  const Timestamp before = options.dead_max_age > Duration::zero()
                               ? context.clock.Now() - options.dead_max_age
                               : Timestamp::FromUnixNanos(0);
  const auto forgotten = context.outbox.ForgetDead(before, options.dead_max_count);
  if (!forgotten) return forgotten.error();
  if (*forgotten == 0) return Status();
  context.metrics.forgotten.Increment(static_cast<double>(*forgotten));
  observe::log::Warning("notifications", "given up for good", {{"notifications", *forgotten}});
  return Status();
}

Status NotificationDispatcher::Impl::RefreshNumbers() {
  if (Status status = ForgetDead(); !status.ok()) return status;
  const auto all = context.outbox.Numbers();
  if (!all) return all.error();
  const std::lock_guard lock(shown_mutex);
  for (const auto& worker : workers) shown.insert(worker->name());
  for (const store::OutboxNumbers& numbers : *all) shown.insert(numbers.channel);
  for (const std::string& channel : shown) {
    const auto found = std::find_if(
        all->begin(), all->end(), [&](const auto& numbers) { return numbers.channel == channel; });
    const store::OutboxNumbers numbers = found == all->end() ? store::OutboxNumbers() : *found;
    const Duration age =
        numbers.oldest_pending ? context.clock.Now() - *numbers.oldest_pending : Duration::zero();
    context.metrics.pending.With({channel}).Set(static_cast<double>(numbers.pending));
    context.metrics.dead.With({channel}).Set(static_cast<double>(numbers.dead));
    context.metrics.oldest_seconds.With({channel}).Set(
        std::chrono::duration<double>(std::max(age, Duration::zero())).count());
  }
  return Status();
}

void NotificationDispatcher::Impl::Count(const std::stop_token& stop) {
  do {
    // An outbox that is away is what the channels complain about.
    (void)RefreshNumbers().ok();
    for (const auto& worker : workers) worker->ShowBreaker();
  } while (context.clock.SleepFor(context.options.numbers_interval, stop));
}

NotificationDispatcher::NotificationDispatcher(
    store::Outbox& outbox, std::vector<NotificationChannel> channels, observe::Metrics& metrics,
    observe::HealthRegistry& health, const NotificationDispatcherOptions& options, Clock& clock)
    : impl_(std::make_unique<Impl>(outbox, std::move(channels), metrics, health, options, clock)) {}

NotificationDispatcher::~NotificationDispatcher() { (void)Stop(Duration::zero()).ok(); }

void NotificationDispatcher::Start() {
  if (!impl_->threads.empty()) return;
  for (const auto& worker : impl_->workers) {
    impl_->threads.push_back(std::make_unique<Worker>(
        [&channel = *worker](const std::stop_token& stop) { channel.Run(stop); }));
  }
  impl_->threads.push_back(std::make_unique<Worker>(
      [impl = impl_.get()](const std::stop_token& stop) { impl->Count(stop); }));
}

void NotificationDispatcher::Wake() {
  for (const auto& worker : impl_->workers) worker->Wake();
}

Status NotificationDispatcher::Stop(Duration deadline) {
  for (const auto& thread : impl_->threads) thread->RequestStop();
  const auto begin = std::chrono::steady_clock::now();
  bool finished = true;
  for (const auto& thread : impl_->threads) {
    const Duration rest = deadline - (std::chrono::steady_clock::now() - begin);
    finished = thread->WaitFor(std::max(rest, Duration::zero())) && finished;
  }
  if (!finished) impl_->context.abort.request_stop();
  impl_->threads.clear();  // joins
  return finished ? Status() : DeadlineExceeded("a notification was under way and was aborted");
}

std::vector<notify::ChannelState> NotificationDispatcher::Channels() const {
  std::vector<notify::ChannelState> states;
  for (const auto& worker : impl_->workers) states.push_back(worker->State());
  return states;
}

Result<Duration> NotificationDispatcher::RunOnce(std::string_view channel,
                                                 const std::stop_token& stop) {
  if (stop.stop_requested()) return Error(Cancelled("stopped"));
  for (const auto& worker : impl_->workers) {
    if (worker->name() == channel) return worker->RunOnce();
  }
  return Error(NotFound("there is no channel " + std::string(channel)));
}

Status NotificationDispatcher::RefreshNumbers() { return impl_->RefreshNumbers(); }

}  // namespace auditflow::pipeline
