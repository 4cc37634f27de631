#pragma once

#include "auditflow/notify/notifier.hpp"

namespace auditflow::notify {

/// Writes one warning per alert to the program's own log: for where a log collector raises alarms,
/// and for trying things out. It cannot fail.
class LogNotifier final : public Notifier {
 public:
  [[nodiscard]] std::string Describe() const override { return "log"; }
  [[nodiscard]] Duration deadline() const override { return std::chrono::seconds(1); }
  DeliveryOutcome Deliver(const Notification& notification, const std::stop_token& abort) override;
};

}  // namespace auditflow::notify
