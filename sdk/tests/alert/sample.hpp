#pragma once

#include <string>
#include <string_view>

#include "auditflow/alert/alert.hpp"

namespace auditflow::alert {

/// The wire contract's sample event.
constexpr std::string_view kSampleEvent =
    R"({"event_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","timestamp":"2026-11-20T18:55:54.352392Z",)"
    R"("source_service":"audit-event-generator","server_hostname":"prod-db-02",)"
    R"("event_type":"user_login","severity":"WARNING","user_id":"app_user",)"
    R"("action_result":"FAILURE","details":{"reason":"Incorrect password",)"
    R"("ip_address":"192.168.1.150","protocol":"ssh"}})";

/// The wire contract's sample alert, with `timestamp` put in as given.
inline std::string SampleJson(std::string_view timestamp = "2026-11-20T18:56:09Z") {
  return R"({"alert_id":"a75a8d29-d2d4-42eb-bf3e-bb61047853b0","timestamp":")" +
         std::string(timestamp) +
         R"(","alert_name":"Multiple Failed Login Attempts","alert_type":"SECURITY",)"
         R"("severity":"CRITICAL","description":"3 or more failed login attempts for user )"
         R"('app_user' on 'prod-db-02' within 60 seconds.",)"
         R"("source_service_name":"audit-event-generator","analysis_rule":)"
         R"({"rule_id":"ANLY-SEC-001","rule_name":"Failed Login Burst Detection",)"
         R"("rule_description":"Detects 3 failed logins within 60 seconds."},)"
         R"("triggered_by":{"actor_type":"USER","actor_id":"app_user","client_ip":"N/A"},)"
         R"("impacted_resource":{"resource_type":"SERVER","resource_id":"prod-db-02",)"
         R"("server_hostname":"prod-db-02"},"action_observed":"LOGIN_FAILURE",)"
         R"("correlation_id":"f00eadcb-3032-4e3f-a35c-badd7cf705cd","raw_event_data":)" +
         std::string(kSampleEvent) +
         R"(,"metadata":{"tags":["brute-force","authentication","critical"],)"
         R"("environment":"DEVELOPMENT","remediation_guidance":"Lock the account.",)"
         R"("playbook_url":"https://example.org/p"}})";
}

inline Alert SampleAlert() { return FromJson(SampleJson()).value(); }

}  // namespace auditflow::alert
