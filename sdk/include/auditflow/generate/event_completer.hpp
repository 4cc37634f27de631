#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"

namespace auditflow::generate {

struct EventCompleterOptions {
  std::string source_service = "audit-event-generator-api";
  std::optional<std::uint64_t> seed;  ///< of ids, hosts and users; nothing: the machine's
};

/// An audit event that somebody asked for, with all that the wire contract wants of it.
struct CompletedEvent {
  std::string body;  ///< compact JSON: the contract's members in its order, then all others
  std::string event_id;
  std::string event_type;
  std::string server_hostname;
  std::string action_result;
};

/// Completes audit events that are given in part.
///
/// Only `event_type` is needed. What else is missing is filled: a random `event_id`, `timestamp`
/// now, `source_service`, a random `server_hostname` and `user_id` out of those of the generator,
/// `action_result` SUCCESS, `severity` INFO, `details` {}. What is given is kept as it is, members
/// that the contract does not know and the digits of numbers included; so a request that is sent
/// again with its own `event_id` is the same event.
///
/// Thread safety: thread-safe. `clock` must outlive it.
class EventCompleter {
 public:
  explicit EventCompleter(const EventCompleterOptions& options = {},
                          const Clock& clock = SystemClock());
  ~EventCompleter();

  /// @return kInvalidArgument "Invalid event data. …" with what is wrong: no JSON object, one that
  /// names a member twice, no `event_type`, a member of the contract that is of another type, an
  /// `event_id` that is no UUID, a `timestamp` that cannot be read, or more than 64 levels or
  /// 10,000 members.
  Result<CompletedEvent> Complete(std::string_view json);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::generate
