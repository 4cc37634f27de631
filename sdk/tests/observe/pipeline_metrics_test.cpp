#include "auditflow/observe/pipeline_metrics.hpp"

#include <string>

#include <gmock/gmock.h>

namespace auditflow::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Ledger, TheFourOutcomesAddUpToTheInput) {
  Metrics metrics;
  Ledger ledger(metrics, "auditflow_events", "audit events");
  ledger.received.Increment(10);
  ledger.processed.Increment(5);
  ledger.duplicate.Increment(2);
  ledger.Rejected("malformed_json");
  ledger.DeadLettered("too_many_attempts", 2);
  EXPECT_EQ(ledger.Settled(), ledger.received.Value());
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("auditflow_events_received_total 10\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_events_total{outcome=\"processed\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_events_total{outcome=\"duplicate\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_events_total{outcome=\"rejected\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_events_total{outcome=\"dead_lettered\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_events_refused_total{outcome=\"rejected\","
                              "reason=\"malformed_json\"} 1\n"));
}

TEST(Ledger, WhatWentBackIsNotCountedOnceMore) {
  Metrics metrics;
  Ledger ledger(metrics, "l", "things");
  ledger.Received(3);
  ledger.Returned(2);
  ledger.Returned();
  ledger.Received(2);
  EXPECT_EQ(ledger.received.Value(), 3);
  ledger.Received(5);
  EXPECT_EQ(ledger.received.Value(), 7);
  ledger.Received(1);
  EXPECT_EQ(ledger.received.Value(), 8);
}

TEST(Ledger, TooManyReasonsKeepTheirOutcome) {
  Metrics metrics;
  Ledger ledger(metrics, "l", "things");
  for (int i = 0; i < 40; ++i) ledger.Rejected("reason " + std::to_string(i));
  EXPECT_THAT(metrics.Render(),
              HasSubstr("l_refused_total{outcome=\"rejected\",reason=\"other\"} 8\n"));
  EXPECT_EQ(ledger.Settled(), 40);
}

TEST(PipelineMetrics, HasTheNamesOfTheWireContract) {
  Metrics metrics;
  PipelineMetrics pipeline(metrics);
  pipeline.generator().events.With({"user_login", "prod-web-01", "FAILURE"}).Increment();
  pipeline.analysis().CountAlert("failed_login_burst", "CRITICAL", "app_user", "prod-db-02");
  const std::string text = metrics.Render();
  for (const char* line : {
           "# TYPE audit_event_generator_events_total counter\n",
           "audit_event_generator_events_total{action_result=\"FAILURE\",event_type=\"user_login\","
           "server_hostname=\"prod-web-01\"} 1\n",
           "# TYPE audit_event_generator_published_success_total counter\n",
           "# TYPE audit_event_generator_published_failure_total counter\n",
           "# TYPE audit_event_generator_rabbitmq_connection_status gauge\n",
           "# TYPE audit_analysis_processed_total counter\n",
           "audit_analysis_alerts_total{alert_type=\"failed_login_burst\","
           "server_hostname=\"prod-db-02\",severity=\"CRITICAL\",user_id=\"app_user\"} 1\n",
           "# TYPE audit_analysis_rabbitmq_messages_consumed_total counter\n",
           "# TYPE audit_analysis_rabbitmq_consumer_connection_status gauge\n",
           "# TYPE audit_analysis_redis_connection_status gauge\n",
           "# TYPE auditflow_event_to_alert_seconds histogram\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("auditflow_alerts")));  // the notification side was not asked for
}

TEST(PipelineMetrics, EachGroupIsMadeOnce) {
  Metrics metrics;
  PipelineMetrics pipeline(metrics);
  EXPECT_EQ(&pipeline.analysis(), &pipeline.analysis());
  EXPECT_EQ(&pipeline.generator(), &pipeline.generator());
  EXPECT_EQ(&pipeline.notification(), &pipeline.notification());
}

TEST(AnalysisMetrics, UsersAreLeftOutOnRequestAndCappedOtherwise) {
  Metrics without_users;
  AnalysisMetrics off(without_users, {.label_alerts_by_user = false});
  off.CountAlert("t", "CRITICAL", "alice", "h");
  EXPECT_THAT(without_users.Render(), HasSubstr("user_id=\"\"} 1\n"));

  Metrics capped;
  AnalysisMetrics on(capped, {.max_alert_label_sets = 3});
  for (int i = 0; i < 100; ++i) on.CountAlert("t", "CRITICAL", "u" + std::to_string(i), "h");
  EXPECT_THAT(capped.Render(), HasSubstr("{alert_type=\"t\",server_hostname=\"other\","
                                         "severity=\"CRITICAL\",user_id=\"other\"} 97\n"));
}

TEST(CorrelationMetrics, ANewEngineThatStartsAtZeroTakesNothingAway) {
  Metrics metrics;
  CorrelationMetrics correlation(metrics);
  correlation.Update({.applied = 10, .late = 1, .groups = 4});
  correlation.Update({.applied = 3, .groups = 2});
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("auditflow_correlation_updates_total{outcome=\"applied\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_correlation_updates_total{outcome=\"late\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_correlation_groups 2\n"));
}

}  // namespace
}  // namespace auditflow::observe
