#include "auditflow/service/application.hpp"

#include "audit-event-generator/generator_service.hpp"
#include "embedded/openapi.hpp"

int main(int argc, char** argv) {
  auditflow::service::ProgramInfo info;
  info.name = "audit-event-generator";
  info.summary = "Makes audit events, at a rate and on request, and publishes them.";
  info.version = AUDITFLOW_VERSION;
  info.open_api = auditflow::kOpenApi;
  info.default_port = 5000;
  info.default_metrics_port = 8000;
  auditflow::services::GeneratorService application;
  return auditflow::service::Main(argc, argv, info, application);
}
