#include "auditflow/api/pages.hpp"

#include <memory>

#include "src/api/alert_page.hpp"
#include "src/api/alert_source.hpp"

#include "embedded/page_icon.hpp"
#include "embedded/page_style.hpp"

namespace auditflow::api {
namespace {

constexpr const char* kScope = "alerts:read";

http::Handler Asset(std::string_view content_type, std::string_view body) {
  return [content_type, body](const http::Request&) {
    http::Response response = http::Response::Text(200, std::string(body));
    response.content_type = content_type;
    response.Set("Cache-Control", "max-age=300");
    return response;
  };
}

void AddPages(http::Router& router, const std::shared_ptr<AlertSource>& source,
              const PageOptions& options, const Clock& clock) {
  router.Get(
      "/",
      [source, options, &clock](const http::Request& request) {
        return AlertListPage(request, *source, options, clock);
      },
      kScope);
  router.Get(
      "/alert/{id}",
      [source, options, &clock](const http::Request& request) {
        return AlertPage(request, *source, options, clock);
      },
      kScope);
  router.Get("/assets/style.css", Asset("text/css; charset=utf-8", kPageStyle));
  router.Get("/assets/icon.svg", Asset("image/svg+xml", kPageIcon));
}

}  // namespace

void AddAlertPages(http::Router& router, store::AlertReader& store, const PageOptions& options,
                   const Clock& clock) {
  AddPages(router, SourceOf(store), options, clock);
}

void AddAlertPages(http::Router& router, RemoteAlertReader& alerts, const PageOptions& options,
                   const Clock& clock) {
  AddPages(router, SourceOf(alerts), options, clock);
}

}  // namespace auditflow::api
