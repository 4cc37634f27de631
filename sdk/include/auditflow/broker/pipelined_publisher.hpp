#pragma once

#include <functional>

#include "auditflow/broker/broker.hpp"

namespace auditflow::broker {

/// A publisher that can be given the next messages while the last ones still wait for their
/// confirms, without a doubt about their order.
///
/// Thread safety: thread-safe.
class PipelinedPublisher : public Publisher {
 public:
  /// As `Publish`. Calls `queued` at most once, on the calling thread, as soon as these messages
  /// are certain to come before those of every call that begins afterwards; not at all if they are
  /// not taken.
  virtual Status PublishQueued(std::span<const Message> messages, Duration timeout,
                               const std::function<void()>& queued) = 0;
};

}  // namespace auditflow::broker
