#include "auditflow/store/alert_reader.hpp"

namespace auditflow::store {

std::string_view ToString(AlertFacet facet) {
  switch (facet) {
    case AlertFacet::kSeverity:
      return "severity";
    case AlertFacet::kAlertType:
      return "alert_type";
    case AlertFacet::kRuleId:
      return "rule_id";
    case AlertFacet::kActorId:
      return "actor_id";
    case AlertFacet::kServerHostname:
      return "server_hostname";
    case AlertFacet::kStatus:
      return "status";
  }
  return "";
}

}  // namespace auditflow::store
