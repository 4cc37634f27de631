#include "auditflow/api/pages.hpp"

#include "src/api/alert_page.hpp"
#include "src/api/assets.hpp"

namespace auditflow::api {
namespace {

http::Handler Asset(std::string_view content_type, std::string_view body) {
  return [content_type, body](const http::Request&) {
    http::Response response = http::Response::Text(200, std::string(body));
    response.content_type = content_type;
    response.Set("Cache-Control", "max-age=300");
    return response;
  };
}

}  // namespace

void AddAlertPages(http::Router& router, store::AlertReader& store, const PageOptions& options,
                   const Clock& clock) {
  router.Get("/", [&store, options, &clock](const http::Request& request) {
    return AlertListPage(request, store, options, clock);
  });
  router.Get("/alert/{id}", [&store, options](const http::Request& request) {
    return AlertPage(request, store, options);
  });
  router.Get("/assets/style.css", Asset("text/css; charset=utf-8", kStyleSheet));
  router.Get("/assets/icon.svg", Asset("image/svg+xml", kIcon));
}

}  // namespace auditflow::api
