#include "src/pipeline/notification_metrics.hpp"

namespace auditflow::pipeline {

DispatchMetrics::DispatchMetrics(observe::Metrics& metrics)
    : outcomes(metrics.AddCounters("auditflow_notifications_total",
                                   "Attempts to deliver a notification, by what came of them",
                                   {.labels = {"channel", "outcome"}})),
      forgotten(metrics.AddCounter("auditflow_notifications_forgotten_total",
                                   "Notifications that were given up and kept no longer")),
      pending(metrics.AddGauges("auditflow_notifications_pending",
                                "Notifications that wait to be delivered",
                                {.labels = {"channel"}})),
      dead(metrics.AddGauges("auditflow_notifications_dead",
                             "Notifications that were given up and wait for a replay",
                             {.labels = {"channel"}})),
      oldest_seconds(metrics.AddGauges("auditflow_notifications_oldest_pending_seconds",
                                       "For how long the oldest notification has waited",
                                       {.labels = {"channel"}})),
      breaker(metrics.AddGauges("auditflow_notification_breaker_state",
                                "0: delivers, 1: the next notification is a probe, 2: pauses",
                                {.labels = {"channel"}})),
      attempt_seconds(metrics.AddHistograms("auditflow_notification_attempt_seconds",
                                            "Duration of an attempt to deliver",
                                            {.labels = {"channel"}})),
      alert_to_delivered_seconds(
          metrics.AddHistogram("auditflow_notification_alert_to_delivered_seconds",
                               "From an alert's timestamp to its delivery over a channel")) {}

}  // namespace auditflow::pipeline
