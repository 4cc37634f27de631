#include "src/pipeline/batch_finisher.hpp"

#include <iterator>
#include <utility>

namespace auditflow::pipeline {
namespace {

template <class T>
void Append(std::vector<T>& whole, std::vector<T>&& part) {
  whole.insert(whole.end(), std::move_iterator(part.begin()), std::move_iterator(part.end()));
}

}  // namespace

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

void BatchFinisher::Run() {
  std::unique_lock lock(mutex_);
  while (!cancelled_) {
    changed_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    if (waiting_.empty()) return;
    const EvaluatedBatch batch = TakeWaiting();
    working_ = true;
    changed_.notify_all();
    lock.unlock();
    const bool done = finish_(batch, stop_).ok();
    lock.lock();
    working_ = false;
    cancelled_ = !done;
    changed_.notify_all();
  }
}

EvaluatedBatch BatchFinisher::TakeWaiting() {
  EvaluatedBatch whole = std::move(waiting_.front());
  waiting_.pop_front();
  for (EvaluatedBatch& batch : waiting_) {
    Append(whole.alerts, std::move(batch.alerts));
    Append(whole.events, std::move(batch.events));
    Append(whole.later_rules, std::move(batch.later_rules));
    Append(whole.tags, std::move(batch.tags));
    whole.duplicates += batch.duplicates;
  }
  waiting_.clear();
  return whole;
}

Status BatchFinisher::Outcome() const {
  return cancelled_ ? Cancelled("analysis: stopped while finishing a batch") : Status();
}

}  // namespace auditflow::pipeline
