#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auditflow/api/pages.hpp"
#include "auditflow/api/remote_alerts.hpp"
#include "auditflow/core/utf8.hpp"
#include "auditflow/http/router.hpp"

namespace {

using auditflow::Result;
namespace api = auditflow::api;
namespace http = auditflow::http;

/// Reads what every page must be, whatever an alert holds: text of it is never markup.
void CheckPage(const http::Router& router, std::string_view target) {
  http::Request request = http::Request::Make("GET", target).value();
  const http::Response response = router.Dispatch(request).response;
  const std::string& page = response.body;
  if (response.status != 200 && response.status != 503) std::abort();
  if (!auditflow::IsValidUtf8(page)) std::abort();
  for (const std::string_view tag : {"<script", "<img", "<svg", "<iframe", "<style", "<x"}) {
    if (page.find(tag) != std::string::npos) std::abort();
  }
}

}  // namespace

// A notification service may answer anything at all: the pages show it, or say that they cannot.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto alert = api::ReadRemoteAlert(input);
  const std::string id =
      alert ? alert->stored.alert.alert_id.ToString() : "a75a8d29-d2d4-42eb-bf3e-bb61047853b0";
  api::RemoteAlertReader reader(
      {.transport = [&](const http::ClientOptions&,
                        const http::ClientRequest& request) -> Result<http::ClientResponse> {
        http::ClientResponse answer;
        answer.status = 200;
        const bool list = request.target.starts_with("/alerts?");
        answer.body = list && alert ? "[" + std::string(input) + "]" : std::string(input);
        return answer;
      }});
  http::Router router;
  api::AddAlertPages(router, reader);
  CheckPage(router, "/");
  CheckPage(router, "/alert/" + id);
  return 0;
}
