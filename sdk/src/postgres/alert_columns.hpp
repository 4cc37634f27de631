#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "auditflow/alert/alert.hpp"
#include "auditflow/store/alert_store.hpp"

#include "src/postgres/times.hpp"

namespace auditflow::postgres {

/// A column that an insert fills with an alert's own value.
struct AlertColumn {
  std::string_view name;
  std::string_view array_type;  ///< of the elements that are sent
  std::string_view cast;        ///< from there to the column's type; empty if none is needed
  std::string_view field;       ///< the alert's member, for messages
};

// In the order in which `AlertTexts` makes them.
constexpr std::array kAlertColumns = {
    AlertColumn{"alert_id", "uuid", "", "alert_id"},
    AlertColumn{"correlation_id", "uuid", "", "correlation_id"},
    AlertColumn{"timestamp", "timestamptz", "", "timestamp"},
    AlertColumn{"timestamp_nanos", "smallint", "", "timestamp"},
    AlertColumn{"alert_name", "text", "", "alert_name"},
    AlertColumn{"alert_type", "text", "", "alert_type"},
    AlertColumn{"severity", "text", "", "severity"},
    AlertColumn{"description", "text", "", "description"},
    AlertColumn{"source_service_name", "text", "", "source_service_name"},
    AlertColumn{"rule_id", "text", "", "analysis_rule.rule_id"},
    AlertColumn{"rule_name", "text", "", "analysis_rule.rule_name"},
    AlertColumn{"actor_type", "text", "", "triggered_by.actor_type"},
    AlertColumn{"actor_id", "text", "", "triggered_by.actor_id"},
    AlertColumn{"client_ip", "inet", "", "triggered_by.client_ip"},
    AlertColumn{"resource_type", "text", "", "impacted_resource.resource_type"},
    AlertColumn{"resource_id", "text", "", "impacted_resource.resource_id"},
    AlertColumn{"server_hostname", "text", "", "impacted_resource.server_hostname"},
    AlertColumn{"action_observed", "text", "", "action_observed"},
    AlertColumn{"analysis_rule_details", "text", "::jsonb", "analysis_rule"},
    AlertColumn{"triggered_by_details", "text", "::jsonb", "triggered_by"},
    AlertColumn{"impacted_resource_details", "text", "::jsonb", "impacted_resource"},
    AlertColumn{"metadata", "text", "::jsonb", "metadata"},
    AlertColumn{"raw_event_data", "text", "::jsonb", "raw_event_data"},
};
constexpr std::size_t kAlertColumnCount = kAlertColumns.size();

/// An alert's values as PostgreSQL reads them, by the order of `kAlertColumns`. The views borrow
/// from the alert and from this object; both must outlive their use.
class AlertTexts {
 public:
  /// No text in it holds NUL if `alert` is valid. A column that is to be NULL has a null `data()`.
  const std::array<std::string_view, kAlertColumnCount>& Make(const alert::Alert& alert);

 private:
  std::string alert_id_, correlation_id_, time_, nanos_, rule_, actor_, resource_, metadata_;
  std::array<std::string_view, kAlertColumnCount> texts_;
};

}  // namespace auditflow::postgres
