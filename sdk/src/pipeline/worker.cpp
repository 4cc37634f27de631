#include "auditflow/pipeline/worker.hpp"

#include <utility>

namespace auditflow::pipeline {

Worker::Worker(std::function<void(const std::stop_token&)> run)
    : thread_([this, run = std::move(run)](const std::stop_token& stop) {
        run(stop);
        const std::scoped_lock lock(mutex_);
        finished_ = true;
        finished_changed_.notify_all();
      }) {}

Worker::~Worker() = default;

void Worker::RequestStop() { thread_.request_stop(); }

bool Worker::WaitFor(Duration timeout) {
  std::unique_lock lock(mutex_);
  return finished_changed_.wait_for(lock, timeout, [this] { return finished_; });
}

}  // namespace auditflow::pipeline
