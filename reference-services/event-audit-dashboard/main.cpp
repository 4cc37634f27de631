#include "auditflow/service/application.hpp"

#include "embedded/openapi.hpp"
#include "event-audit-dashboard/dashboard.hpp"

int main(int argc, char** argv) {
  auditflow::dashboard::Dashboard dashboard;
  return auditflow::service::Main(argc, argv, auditflow::dashboard::Info(auditflow::kOpenApi),
                                  dashboard);
}
