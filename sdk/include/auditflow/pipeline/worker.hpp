#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::pipeline {

/// A thread with a beginning and an end: runs a function that returns soon after its stop token is
/// triggered.
///
/// Thread safety: thread-safe apart from construction and destruction, which stops and joins.
class Worker {
 public:
  explicit Worker(std::function<void(const std::stop_token&)> run);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void RequestStop();
  /// Waits until the function has returned. @return false if `timeout` passed first.
  bool WaitFor(Duration timeout);

 private:
  std::mutex mutex_;
  std::condition_variable finished_changed_;
  bool finished_ = false;
  std::jthread thread_;
};

}  // namespace auditflow::pipeline
