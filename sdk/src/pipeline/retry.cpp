#include "src/pipeline/retry.hpp"

#include <chrono>

namespace auditflow::pipeline {
namespace {

constexpr Duration kSlow = std::chrono::seconds(10);
constexpr Duration kLogInterval = std::chrono::seconds(10);

}  // namespace

Retrier::Retrier(std::string_view component, observe::HealthRegistry& health, Clock& clock)
    : component_(component), health_(health), clock_(clock), log_limit_(kLogInterval, clock) {
  health_.Register(component_);
}

Status Retrier::Run(const std::function<Status()>& attempt, const std::stop_token& stop) {
  while (true) {
    Status status = attempt();
    if (status.ok()) {
      Succeeded();
      return status;
    }
    if (!WaitAfter(status, stop)) return Cancelled(component_ + ": stopped while retrying");
  }
}

void Retrier::Loop(const std::function<Result<std::size_t>(const std::stop_token&)>& step,
                   const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Result<std::size_t> done = step(stop);
    if (done) continue;
    if (done.error().code() == StatusCode::kCancelled) return;
    WaitAfter(done.error(), stop);
  }
}

void Retrier::Succeeded() {
  backoff_.Reset();
  if (health_.Set(component_, true)) observe::log::Info(component_, "up");
}

bool Retrier::WaitAfter(const Status& failure, const std::stop_token& stop) {
  health_.Set(component_, false, failure.message());
  if (const auto held_back = log_limit_.Admit()) {
    observe::log::Warning(component_, failure.message(),
                          {{"retryable", failure.retryable()}, {"held_back", *held_back}});
  }
  return clock_.SleepFor(failure.retryable() ? backoff_.Next() : kSlow, stop);
}

}  // namespace auditflow::pipeline
