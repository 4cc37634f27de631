#include <memory>
#include <utility>

#include "auditflow/api/access.hpp"
#include "auditflow/api/open_api.hpp"
#include "auditflow/api/operations.hpp"
#include "auditflow/service/application.hpp"

namespace auditflow::service {

std::shared_ptr<Host> MakeHost(const HostOptions& options, Application& application) {
  application.host_ = std::make_shared<Host>(options);
  return application.host_;
}

Status Assemble(Host& host, const ProgramInfo& info, Application& application) {
  Result<std::string> document = api::CompleteOpenApi(info.open_api, info.version);
  if (!document) return document.error();
  if (Status built = application.Build(host); !built.ok()) return built;
  http::Router& router = host.router();
  api::AddHealthRoute(router, host.health(), host.health_options());
  api::AddLivenessRoutes(router, host.health());
  api::AddMetricsRoute(router, host.metrics());
  api::AddLogLevelRoute(router);
  api::AddOpenApiRoute(router, *std::move(document));
  return {};
}

}  // namespace auditflow::service
