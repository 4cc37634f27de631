#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace auditflow::http {

/// A fixed number of threads over a bounded queue.
///
/// Thread safety: thread-safe, but for `Stop`.
class WorkerPool {
 public:
  /// May throw std::system_error if there are no more threads.
  WorkerPool(std::size_t threads, std::size_t max_queued);
  ~WorkerPool() { Stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False if the queue is full or the pool stopped. A task must not throw.
  bool TrySubmit(std::function<void()> task);
  /// Waits for the tasks that are running; those that still wait are dropped.
  void Stop();
  [[nodiscard]] bool OnOwnThread() const;

 private:
  void Run();

  const std::size_t max_queued_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace auditflow::http
