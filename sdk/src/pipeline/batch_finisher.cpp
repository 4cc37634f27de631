#include "src/pipeline/batch_finisher.hpp"

#include <utility>

namespace auditflow::pipeline {
BatchFinisher::BatchFinisher(Finish finish, std::stop_token stop)
    : finish_(std::move(finish)), stop_(std::move(stop)), thread_([this] { Run(); }) {}

BatchFinisher::~BatchFinisher() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Status BatchFinisher::Take(EvaluatedBatch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kMostWaiting || cancelled_; });
  if (cancelled_) return Outcome();
  waiting_.push_back(std::move(batch));
  changed_.notify_all();
  return {};
}

Status BatchFinisher::WaitUntilIdle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (waiting_.empty() && !working_) || cancelled_; });
  return Outcome();
}

bool BatchFinisher::idle() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() && !working_;
}

void BatchFinisher::Run() {
  std::unique_lock lock(mutex_);
  while (!cancelled_) {
    changed_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    if (waiting_.empty()) return;
    std::vector<EvaluatedBatch> batches = std::exchange(waiting_, {});
    working_ = true;
    changed_.notify_all();
    lock.unlock();
    const bool done = finish_(batches, stop_).ok();
    lock.lock();
    working_ = false;
    cancelled_ = !done;
    changed_.notify_all();
  }
}

Status BatchFinisher::Outcome() const {
  return cancelled_ ? Cancelled("analysis: stopped while finishing a batch") : Status();
}

}  // namespace auditflow::pipeline
