#include "auditflow/service/application.hpp"

#include "embedded/openapi.hpp"
#include "notification-service/notification_service.hpp"

int main(int argc, char** argv) {
  auditflow::service::ProgramInfo info;
  info.name = "notification-service";
  info.summary = "Stores alerts, serves them, and tells people of them.";
  info.version = AUDITFLOW_VERSION;
  info.open_api = auditflow::kOpenApi;
  info.default_port = 8000;
  info.host_variable = "API_HOST";
  info.port_variable = "API_PORT";
  auditflow::services::NotificationService application;
  return auditflow::service::Main(argc, argv, info, application);
}
