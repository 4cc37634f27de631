#include "auditflow/pipeline/event_feed.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::pipeline {
namespace {

constexpr Duration kShortestSleep = std::chrono::milliseconds(5);
/// How long a new rate, or a limit in time, may go unnoticed.
constexpr Duration kLongestSleep = std::chrono::milliseconds(100);
constexpr Duration kMeasured = std::chrono::seconds(10);
constexpr Duration kBetweenSamples = std::chrono::milliseconds(100);
constexpr Duration kBetweenLogs = std::chrono::seconds(10);
/// Failures that need a person are tried again after 5 to 30 seconds.
constexpr Duration kShortestSlow = std::chrono::seconds(5);
constexpr BackoffOptions kSlow = {.base = std::chrono::seconds(25),
                                  .max = std::chrono::seconds(25)};

constexpr double kAlmostOne = 0.999;

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Nothing that is retried could change these.
bool IsFinal(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kCancelled;
}

}  // namespace

EventFeed::EventFeed(Source source, broker::Publisher& publisher,
                     observe::GeneratorMetrics& metrics, const EventFeedOptions& options,
                     Clock& clock)
    : source_(std::move(source)),
      publisher_(publisher),
      metrics_(metrics),
      options_(options),
      clock_(clock),
      rate_(options.rate) {}

EventFeed::EventFeed(Source source, broker::PipelinedPublisher& publisher,
                     observe::GeneratorMetrics& metrics, const EventFeedOptions& options,
                     Clock& clock)
    : source_(std::move(source)),
      publisher_(publisher),
      pipelined_(&publisher),
      metrics_(metrics),
      options_(options),
      clock_(clock),
      rate_(options.rate) {}

Status EventFeed::Run(const std::stop_token& stop) {
  const Duration start = clock_.Monotonic();
  {
    const std::scoped_lock lock(mutex_);
    start_ = start;
    samples_.push_back({start, published_});
  }
  if (pipelined_ == nullptr) return RunLane(start, stop);
  Status second;
  std::jthread lane([&] { second = RunLane(start, stop); });
  Status first = RunLane(start, stop);
  lane.join();
  return first.ok() ? second : first;
}

/// One batch after the other. The turn, which is also the order of the batches, goes to the other
/// lane as soon as this one's batch is queued.
Status EventFeed::RunLane(Duration start, const std::stop_token& stop) {
  while (true) {
    std::unique_lock turn(turn_);
    const std::vector<broker::Message> batch = NextBatch(start, stop);
    if (batch.empty()) return {};
    Status status = Publish(batch, [&turn] { turn.unlock(); });
    if (turn.owns_lock()) turn.unlock();
    if (!status.ok()) status = Retry(batch, std::move(status), stop);
    if (status.ok()) continue;
    failed_ = true;
    return status;
  }
}

std::vector<broker::Message> EventFeed::NextBatch(Duration start, const std::stop_token& stop) {
  while (!stop.stop_requested() && !source_ended_ && !failed_) {
    const Duration elapsed = clock_.Monotonic() - start;
    const std::size_t due = Due(elapsed);
    if (due > 0) return TakeBatch(due);
    if (AtLimit(elapsed)) break;
    clock_.SleepFor(UntilDue(elapsed), stop);
  }
  return {};
}

Status EventFeed::SetRate(double events_per_second) {
  if (!(events_per_second >= 0)) return InvalidArgument("rate: must be a number from 0 on");
  const std::scoped_lock lock(mutex_);
  if (start_) {
    // A part of an event that is due is kept, or who often changes a low rate would never see one.
    const Duration elapsed = clock_.Monotonic() - *start_;
    const double due = std::isinf(rate_) ? 0 : DueCount(elapsed) - static_cast<double>(taken_);
    anchor_ = {elapsed, static_cast<double>(taken_) + std::clamp(due, 0.0, kAlmostOne)};
  }
  rate_ = events_per_second;
  return {};
}

double EventFeed::rate() const {
  const std::scoped_lock lock(mutex_);
  return rate_;
}

/// How many events should have been published by then. A limit in time is a limit in number too, so
/// that a run with a seed gives the same events whatever the machine is busy with.
double EventFeed::DueCount(Duration elapsed) const {
  if (options_.duration) elapsed = std::min(elapsed, *options_.duration);
  if (std::isinf(rate_)) return elapsed == options_.duration ? 0 : rate_;
  return anchor_.count + Seconds(elapsed - anchor_.time) * rate_;
}

void EventFeed::ForgetBacklog(Duration elapsed) {
  if (!options_.max_backlog || std::isinf(rate_)) return;
  const double kept = static_cast<double>(taken_) + Seconds(*options_.max_backlog) * rate_ + 1;
  if (DueCount(elapsed) > kept) anchor_ = {elapsed, kept};
}

std::size_t EventFeed::Due(Duration elapsed) {
  const std::scoped_lock lock(mutex_);
  ForgetBacklog(elapsed);
  double due = DueCount(elapsed) - static_cast<double>(taken_);
  if (options_.count) due = std::min(due, static_cast<double>(*options_.count - taken_));
  due = std::min(due, static_cast<double>(options_.max_batch));
  return due < 1 ? 0 : static_cast<std::size_t>(due);
}

Duration EventFeed::UntilDue(Duration elapsed) const {
  const std::scoped_lock lock(mutex_);
  const double missing = static_cast<double>(taken_) + 1 - DueCount(elapsed);
  const double seconds = missing / rate_;
  if (!(seconds < Seconds(kLongestSleep))) return kLongestSleep;
  const auto until = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  return std::max(until, kShortestSleep);
}

bool EventFeed::AtLimit(Duration elapsed) const {
  const std::scoped_lock lock(mutex_);
  return (options_.count && taken_ >= *options_.count) ||
         (options_.duration && elapsed >= *options_.duration);
}

Status EventFeed::Retry(const std::vector<broker::Message>& batch, Status status,
                        const std::stop_token& stop) {
  const std::unique_ptr<RandomSource> random = SystemRandom();
  Backoff backoff({}, *random);
  Backoff slow(kSlow, *random);
  observe::log::RateLimiter log_limit(kBetweenLogs, clock_);
  while (!status.ok()) {
    if (IsFinal(status) || !(status.retryable() || options_.persistent)) {
      return status.WithContext("publishing events");
    }
    if (const auto held_back = log_limit.Admit()) {
      observe::log::Warning("feed", status.message(),
                            {{"retryable", status.retryable()}, {"held_back", *held_back}});
    }
    const Duration pause = status.retryable() ? backoff.Next() : kShortestSlow + slow.Next();
    if (!clock_.SleepFor(pause, stop)) return Cancelled("stopped while publishing events");
    status = Publish(batch, [] {});
  }
  return status;
}

std::vector<broker::Message> EventFeed::TakeBatch(std::size_t size) {
  std::vector<broker::Message> batch;
  batch.reserve(size);
  while (batch.size() < size && !source_ended_) {
    std::optional<broker::Message> message = source_();
    source_ended_ = !message.has_value();
    if (message) batch.push_back(std::move(*message));
  }
  const std::scoped_lock lock(mutex_);
  taken_ += batch.size();
  return batch;
}

Status EventFeed::Publish(const std::vector<broker::Message>& batch,
                          const std::function<void()>& queued) {
  const auto count = static_cast<double>(batch.size());
  const Duration begin = clock_.Monotonic();
  Status status = pipelined_ == nullptr
                      ? publisher_.Publish(batch, options_.publish_timeout)
                      : pipelined_->PublishQueued(batch, options_.publish_timeout, queued);
  if (status.ok()) {
    metrics_.publish_seconds.Observe(clock_.Monotonic() - begin);
    metrics_.published_success.Increment(count);
    published_ += batch.size();
    Measure();
  } else {
    metrics_.published_failure.Increment(count);
  }
  return status;
}

/// Keeps one sample that is older than what is measured, as its beginning.
void EventFeed::Measure() {
  const std::scoped_lock lock(mutex_);
  const Duration now = clock_.Monotonic();
  if (samples_.size() > 1 && now - samples_[samples_.size() - 2].time < kBetweenSamples) {
    samples_.pop_back();
  }
  samples_.push_back({now, published_});
  while (samples_.size() > 1 && now - samples_[1].time >= kMeasured) samples_.pop_front();
}

double EventFeed::MeasuredRate() const {
  const std::scoped_lock lock(mutex_);
  if (samples_.empty()) return 0;
  const Duration now = clock_.Monotonic();
  const auto first = std::ranges::find_if(
      samples_, [&](const Sample& sample) { return now - sample.time < kMeasured; });
  // The last sample that is too old says what was confirmed when the measured time began.
  const auto begin = first == samples_.begin() ? first : std::prev(first);
  const Duration measured = std::min(now - begin->time, kMeasured);
  if (measured <= Duration::zero()) return 0;
  return static_cast<double>(samples_.back().published - begin->published) / Seconds(measured);
}

}  // namespace auditflow::pipeline
