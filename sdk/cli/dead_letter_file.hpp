#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/broker/in_process_broker.hpp"

namespace auditflow::cli {

/// Moves dead letters from the queues of this process to a file, which outlives it: one JSON object
/// a line with `queue`, `reason`, `message_id` and `body` (a string; `body_hex` if it is no UTF-8).
///
/// Thread safety: `Run` by one thread.
class DeadLetterFile {
 public:
  DeadLetterFile(std::filesystem::path path, broker::InProcessBroker& broker,
                 const std::vector<std::string>& queues);

  /// Works until `stop`, then takes what is there still.
  void Run(const std::stop_token& stop);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  struct Queue {
    std::string name;
    std::unique_ptr<broker::Consumer> consumer;
  };

  /// @return how many it moved.
  std::size_t Move(Queue& queue, Duration wait);
  bool Append(std::string_view text);

  const std::filesystem::path path_;
  std::vector<Queue> queues_;
  bool failed_ = false;
};

}  // namespace auditflow::cli
