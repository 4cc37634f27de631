#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/broker/in_process_broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/observe/health.hpp"

namespace auditflow::cli {

/// Moves dead letters from the queues of this process to a file, which outlives it: one JSON object
/// a line with `queue`, `reason`, `message_id` and `body` (a string; `body_hex` if it is no UTF-8).
///
/// What cannot be written stays in its queue and is tried again; the health component
/// `dead_letters` says so meanwhile. Thread safety: `Run` by one thread.
class DeadLetterFile {
 public:
  DeadLetterFile(std::filesystem::path path, broker::InProcessBroker& broker,
                 const std::vector<std::string>& queues, observe::HealthRegistry& health,
                 Clock& clock);

  /// Works until `stop`, then takes what is there still, as far as it can be written.
  void Run(const std::stop_token& stop);

  /// Those that are still, or were for want of room, not in the file.
  [[nodiscard]] std::size_t unwritten() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  struct Queue {
    std::string name;
    std::unique_ptr<broker::Consumer> consumer;
  };

  /// @return how many it moved.
  Result<std::size_t> Move(Queue& queue);
  /// All of it or nothing.
  [[nodiscard]] Status Append(std::string_view text) const;
  void Report(const Status& status);

  const std::filesystem::path path_;
  broker::InProcessBroker& broker_;
  observe::HealthRegistry& health_;
  Clock& clock_;
  std::vector<Queue> queues_;
};

}  // namespace auditflow::cli
