#include "auditflow/pipeline/rule_package.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> Errors(const RulePackage& package) {
  std::vector<std::string> errors;
  for (const sigma::Diagnostic& diagnostic : package.diagnostics) {
    if (diagnostic.kind != sigma::DiagnosticKind::kWarning) errors.push_back(diagnostic.ToString());
  }
  return errors;
}

std::string RuleWith(std::string_view block) {
  return "title: T\nlogsource: {product: test}\ndetection:\n  s: {a: b}\n  condition: s\n"
         "auditflow:\n" +
         std::string(block);
}

TEST(RulePackage, TakesWhatTheRuleSaysAndSigmasMetadataForTheRest) {
  const auto package = TestRules(R"(
title: A title
id: 6f0b1c1e-0000-4000-8000-000000000009
description: A description
logsource: {product: test}
detection: {s: {a: b}, condition: s}
level: high
tags: [attack.t1110]
auditflow:
  rule_id: R-9
  action_observed: SEEN
  actor: {type: SERVICE, id: [service, details.service]}
  client_ip: remote
  resource: {type: FILE, id: path, hostname: [host]}
  playbook: https://example.org/p
)");
  EXPECT_THAT(Errors(*package), IsEmpty());
  ASSERT_THAT(package->detection_alerts, SizeIs(1));
  const alert::AlertTemplate& made = package->detection_alerts[0];
  EXPECT_EQ(made.rule_key, "6f0b1c1e-0000-4000-8000-000000000009");
  EXPECT_EQ(made.rule_id, "R-9");
  EXPECT_EQ(made.rule_name, "A title");
  EXPECT_EQ(made.rule_description, "A description");
  EXPECT_EQ(made.severity, "HIGH");
  EXPECT_EQ(made.action_observed, "SEEN");
  EXPECT_EQ(made.actor_type, "SERVICE");
  EXPECT_THAT(made.actor_fields, ElementsAre("service", "details.service"));
  EXPECT_THAT(made.client_ip_fields, ElementsAre("remote"));
  EXPECT_EQ(made.resource_type, "FILE");
  EXPECT_THAT(made.resource_fields, ElementsAre("path"));
  EXPECT_THAT(made.hostname_fields, ElementsAre("host"));
  EXPECT_THAT(made.tags, ElementsAre("attack.t1110"));
}

TEST(RulePackage, RefusesARuleWithAMalformedBlockAndNamesThePlace) {
  const struct {
    const char* block;
    const char* message;
  } kCases[] = {
      {"  rule_id: [a]\n", "test.yml:7:12: error: auditflow.rule_id must be a string"},
      {"  actor: bob\n", "test.yml:7:10: error: auditflow.actor must be a map"},
      {"  client_ip: [1]\n", "auditflow.client_ip must be a string or a list of strings"},
      {"  repeat: sometimes\n", "auditflow.repeat must be once or every"},
      {"  description: 'user {user'\n", "description"},
  };
  for (const auto& test : kCases) {
    const auto package = TestRules(RuleWith(test.block));
    EXPECT_THAT(Errors(*package), ElementsAre(HasSubstr(test.message)));
    EXPECT_EQ(package->rule_count(), 0U);
  }
}

TEST(RulePackage, WarnsOfAnUnknownKeyAndKeepsTheRule) {
  const auto package = TestRules(RuleWith("  severty: HIGH\n"));
  ASSERT_THAT(package->diagnostics, SizeIs(1));
  EXPECT_EQ(package->diagnostics[0].kind, sigma::DiagnosticKind::kWarning);
  EXPECT_THAT(package->diagnostics[0].message, HasSubstr("auditflow.severty"));
  EXPECT_EQ(package->rule_count(), 1U);
}

TEST(RulePackage, DropsACorrelationWhoseRuleCannotBeEvaluated) {
  const auto package = TestRules(R"(
title: Unsupported
name: unsupported
logsource: {product: test}
detection:
  s: {a|re: '(?=x)y'}
  condition: s
---
title: Depends on it
correlation: {type: event_count, rules: [unsupported], timespan: 1m, condition: {gte: 2}}
---
title: Fine
logsource: {product: test}
detection: {s: {a: b}, condition: s}
)");
  EXPECT_EQ(package->rule_count(), 1U);
  EXPECT_EQ(package->rule_set->rule_count(), 1U);
  EXPECT_THAT(Errors(*package), SizeIs(2));
  EXPECT_THAT(Errors(*package), Contains(HasSubstr("test.yml:6:")));
  EXPECT_THAT(Errors(*package), Contains(HasSubstr("unsupported")));
}

TEST(RulePackage, ShippedRulesLoadWithoutADiagnostic) {
  const auto package =
      LoadRulePackage({std::filesystem::path(AUDITFLOW_SOURCE_DIR) / "sdk" / "rules"});
  EXPECT_THAT(package->diagnostics, IsEmpty());
  EXPECT_GE(package->rule_count(), 10U);
}

}  // namespace
}  // namespace auditflow::pipeline
