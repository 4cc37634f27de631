#include "auditflow/service/application.hpp"

#include "audit-log-analysis/analysis_service.hpp"
#include "embedded/openapi.hpp"

int main(int argc, char** argv) {
  auditflow::service::ProgramInfo info;
  info.name = "audit-log-analysis";
  info.summary = "Turns audit events into alerts with Sigma rules.";
  info.version = AUDITFLOW_VERSION;
  info.open_api = auditflow::kOpenApi;
  info.default_port = 5001;
  info.default_metrics_port = 8001;
  auditflow::services::AnalysisService application;
  return auditflow::service::Main(argc, argv, info, application);
}
