// Three failed log-ins of one user within a minute become one alert, printed as JSON.

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

namespace {

using auditflow::Result;
namespace event = auditflow::event;
namespace pipeline = auditflow::pipeline;
namespace sigma = auditflow::sigma;

// Two documents in one text: what to count, and how.
constexpr std::string_view kRules = R"(
title: Failed log-in
name: failed_login
logsource:
  product: auditflow
  category: authentication
detection:
  selection:
    event_type: user_login
    action_result: FAILURE
  condition: selection
---
title: Failed log-ins of one user
correlation:
  type: event_count
  rules: [failed_login]
  group-by: [user_id]
  timespan: 60s
  condition:
    gte: 3
level: high
auditflow:
  rule_id: EXAMPLE-001
  description: "{auditflow.value} failed log-ins of '{user_id}' within 60 seconds."
)";

std::string FailedLogin(const std::string& user, const std::string& time) {
  return R"({"event_type":"user_login","action_result":"FAILURE","user_id":")" + user +
         R"(","server_hostname":"prod-db-02","timestamp":"2026-11-20T)" + time + R"(Z"})";
}

/// One event at a time; a service would hand over a batch.
Result<std::vector<pipeline::DetectedAlert>> Detect(pipeline::Detector& detector,
                                                    event::EventParser& parser,
                                                    std::string_view json) {
  const Result<event::Event> event = parser.Parse(json);
  if (!event) return auditflow::Error(event.error());
  const pipeline::DetectorInput input{&*event, event::IdentityOf(*event)};
  return detector.Detect({&input, 1});
}

}  // namespace

int main() {
  const auto rules = pipeline::BuildRulePackage(sigma::LoadText(kRules, "failures.yml"));
  for (const sigma::Diagnostic& diagnostic : rules->diagnostics) {
    std::puts(diagnostic.ToString().c_str());
  }
  Result<std::unique_ptr<pipeline::Detector>> detector = pipeline::Detector::Create(rules);
  if (!detector) {
    std::puts(detector.error().ToString().c_str());
    return 1;
  }

  const std::vector<std::string> events = {
      FailedLogin("app_user", "10:00:00"), FailedLogin("guest_user", "10:00:05"),
      FailedLogin("app_user", "10:00:10"), FailedLogin("app_user", "10:00:10"),  // delivered twice
      FailedLogin("app_user", "10:00:20"),
  };
  event::EventParser parser;
  std::size_t alerts = 0;
  for (const std::string& json : events) {
    const auto detected = Detect(**detector, parser, json);
    if (!detected) {
      std::puts(detected.error().ToString().c_str());
      return 1;
    }
    for (const pipeline::DetectedAlert& found : *detected) {
      std::puts(auditflow::alert::ToJson(found.alert).c_str());
      ++alerts;
    }
  }
  return alerts == 1 ? 0 : 1;
}
