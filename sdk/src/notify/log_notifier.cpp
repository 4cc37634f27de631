#include "auditflow/notify/log_notifier.hpp"

#include "auditflow/notify/alert_text.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::notify {

DeliveryOutcome LogNotifier::Deliver(const Notification& notification,
                                     const std::stop_token& /*abort*/) {
  const alert::Alert& alert = notification.alert;
  observe::log::Warning("alert", Headline(alert),
                        {{"alert_id", alert.alert_id.ToString()},
                         {"severity", alert.severity},
                         {"rule_id", alert.analysis_rule.rule_id},
                         {"actor_id", alert.triggered_by.actor_id},
                         {"server_hostname", alert.impacted_resource.server_hostname},
                         {"idempotency_key", notification.idempotency_key},
                         {"attempt", notification.attempt}});
  return DeliveryOutcome::Delivered();
}

}  // namespace auditflow::notify
