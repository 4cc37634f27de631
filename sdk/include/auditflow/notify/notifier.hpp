#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::notify {

/// One alert on its way to one receiver.
struct Notification {
  /// The same for every attempt: by it the receiver tells a repeat. ASCII without spaces.
  std::string idempotency_key;
  alert::Alert alert;
  std::uint32_t attempt = 1;  ///< from 1
};

/// What came of an attempt.
struct DeliveryOutcome {
  enum class Kind : std::uint8_t {
    kDelivered,
    kRetry,    ///< can pass: away, busy, slow
    kRefused,  ///< cannot pass: another attempt with the same would end the same
  };
  Kind kind = Kind::kDelivered;
  /// For people, without secrets; may hold what the receiver said.
  std::string error = {};
  /// How long the receiver wants to be left alone; never negative.
  std::optional<Duration> retry_after = {};

  static DeliveryOutcome Delivered() { return {}; }
  static DeliveryOutcome TryAgain(std::string error, std::optional<Duration> after = {}) {
    return {Kind::kRetry, std::move(error), after};
  }
  static DeliveryOutcome Refused(std::string error) {
    return {Kind::kRefused, std::move(error), {}};
  }
};

/// Tells one receiver of alerts: a web hook, a chat channel, a mailbox.
///
/// Thread safety: one `Deliver` at a time; the rest is thread-safe.
class Notifier {
 public:
  virtual ~Notifier() = default;
  /// For messages: "webhook https://hooks.example.com". Never a secret; a path or query that may
  /// hold one is left out.
  [[nodiscard]] virtual std::string Describe() const = 0;
  /// No `Deliver` takes longer.
  [[nodiscard]] virtual Duration deadline() const = 0;
  /// Blocks until the receiver has answered, for at most `deadline()`. When `abort` is requested it
  /// returns soon, with kRetry; the receiver may have taken the notification all the same.
  virtual DeliveryOutcome Deliver(const Notification& notification,
                                  const std::stop_token& abort) = 0;
};

}  // namespace auditflow::notify
