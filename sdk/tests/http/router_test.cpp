#include "auditflow/http/router.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow::http {
namespace {

Router::Outcome Ask(const Router& router, std::string_view method, std::string_view target) {
  Request request = Request::Make(method, target).value();
  return router.Dispatch(request);
}

Handler Says(std::string text) {
  return [text = std::move(text)](const Request& request) {
    std::string body = text;
    for (const auto& [name, value] : request.params) body.append(" " + name + "=").append(value);
    return Response::Text(200, body);
  };
}

Router TestRouter() {
  Router router;
  router.Get("/", Says("root"))
      .Get("/alerts", Says("list"))
      .Get("/alerts/{id}", Says("one"))
      .Get("/alerts/latest", Says("latest"))
      .Post("/alerts/search", Says("search"))
      .Get("/{kind}/{id}/raw", Says("raw"))
      .Put("/alerts/{id}", Says("put"))
      .Delete("/alerts/{id}", Says("delete"));
  return router;
}

TEST(Router, TakesTheMostLiteralRoute) {
  const Router router = TestRouter();
  struct Case {
    const char* method;
    const char* target;
    const char* body;
    const char* pattern;
  };
  for (const Case& c : std::vector<Case>{
           {"GET", "/", "root", "/"},
           {"GET", "/alerts/", "list", "/alerts"},
           {"GET", "/alerts/latest", "latest", "/alerts/latest"},
           {"GET", "/alerts/a%20b", "one id=a b", "/alerts/{id}"},
           {"POST", "/alerts/search", "search", "/alerts/search"},
           {"PUT", "/alerts/newest", "put id=newest", "/alerts/{id}"},
           {"DELETE", "/alerts/7", "delete id=7", "/alerts/{id}"},
           {"GET", "/alerts/7/raw", "raw kind=alerts id=7", "/{kind}/{id}/raw"},
           {"HEAD", "/alerts", "list", "/alerts"},
       }) {
    const auto outcome = Ask(router, c.method, c.target);
    EXPECT_EQ(outcome.response.body, c.body) << c.method << ' ' << c.target;
    EXPECT_EQ(outcome.pattern, c.pattern);
  }
}

TEST(Router, AnswersWhatItDoesNotHave) {
  const Router router = TestRouter();
  EXPECT_EQ(Ask(router, "GET", "/nothing").response.status, 404);
  EXPECT_EQ(Ask(router, "GET", "/alerts/7/8").response.status, 404);
  EXPECT_EQ(Ask(router, "get", "/alerts").response.status, 405);  // methods are case-sensitive
  const auto refused = Ask(router, "PATCH", "/alerts/search");
  EXPECT_EQ(refused.response.status, 405);
  EXPECT_EQ(FindHeader(refused.response.headers, "Allow"), "OPTIONS, POST");
  EXPECT_TRUE(refused.pattern.empty());
}

TEST(Router, ALiteralRouteHasOnlyItsOwnMethods) {
  const Router router = TestRouter();
  EXPECT_EQ(Ask(router, "GET", "/alerts/search").response.status, 405);
  EXPECT_EQ(Ask(router, "DELETE", "/alerts/latest").response.status, 405);
  const auto options = Ask(router, "OPTIONS", "/alerts/latest");
  EXPECT_EQ(FindHeader(options.response.headers, "Allow"), "GET, HEAD, OPTIONS");
}

TEST(Router, AnswersOptionsForAPathAndForAll) {
  const Router router = TestRouter();
  const auto one = Ask(router, "OPTIONS", "/alerts");
  EXPECT_EQ(one.response.status, 204);
  EXPECT_EQ(FindHeader(one.response.headers, "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(Ask(router, "OPTIONS", "*").response.status, 204);
  EXPECT_EQ(Ask(router, "GET", "*").response.status, 400);
  EXPECT_EQ(Ask(router, "OPTIONS", "/nothing").response.status, 404);
}

TEST(Router, TheSameRouteAgainReplacesTheHandler) {
  Router router = TestRouter();
  router.Get("/alerts", Says("new"));
  EXPECT_EQ(Ask(router, "GET", "/alerts").response.body, "new");
}

TEST(Router, KeepsWhatAHandlerThrewForTheLog) {
  Router router;
  router.Get("/a", [](const Request&) -> Response { throw std::runtime_error("secret"); })
      .Get("/b", [](const Request&) -> Response { throw 1; });
  EXPECT_EQ(Ask(router, "GET", "/a").error, "secret");
  EXPECT_EQ(Ask(router, "GET", "/b").error, "unknown exception");
  EXPECT_EQ(Ask(router, "GET", "/b").response.status, 500);
}

TEST(Router, TheGuardIsAskedForRoutesWithAScopeOnly) {
  Router router;
  router.Get("/open", Says("open"))
      .Get(
          "/read", [](const Request& r) { return Response::Text(200, r.caller); }, "thing:read")
      .Patch("/write", Says("written"), "thing:write");
  EXPECT_EQ(Ask(router, "PATCH", "/write").response.status, 200);  // nobody guards yet
  std::vector<std::string> asked;
  router.SetGuard([&](Request& request, std::string_view scope) -> std::optional<Response> {
    asked.emplace_back(scope);
    if (scope == "thing:write") return Response::Text(403, "no");
    request.caller = "somebody";
    return std::nullopt;
  });
  EXPECT_EQ(Ask(router, "GET", "/open").response.body, "open");
  EXPECT_EQ(Ask(router, "GET", "/nothing").response.status, 404);
  EXPECT_EQ(Ask(router, "OPTIONS", "/write").response.status, 204);
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(Ask(router, "HEAD", "/read").response.body, "somebody");
  const auto refused = Ask(router, "PATCH", "/write");
  EXPECT_EQ(refused.response.status, 403);
  EXPECT_EQ(refused.pattern, "/write");
  EXPECT_EQ(asked, (std::vector<std::string>{"thing:read", "thing:write"}));
}

TEST(Router, AGuardThatThrowsLetsNobodyIn) {
  Router router;
  router.Get("/read", Says("read"), "thing:read");
  router.SetGuard([](Request&, std::string_view) -> std::optional<Response> {
    throw std::runtime_error("broken");
  });
  EXPECT_EQ(Ask(router, "GET", "/read").response.status, 500);
  EXPECT_EQ(Ask(router, "GET", "/read").error, "broken");
}

TEST(Router, ListsItsRoutesWithTheirScopes) {
  Router router;
  router.Put("/b/{id}", Says(""), "b:write").Get("/b/{id}", Says("")).Get("/a", Says(""), "a:read");
  using Info = Router::RouteInfo;
  EXPECT_EQ(router.Routes(),
            (std::vector<Info>{
                {"GET", "/a", "a:read"}, {"GET", "/b/{id}", ""}, {"PUT", "/b/{id}", "b:write"}}));
  router.Get("/a", Says("again"));
  EXPECT_EQ(router.Routes().front(), (Info{"GET", "/a", ""}));
}

}  // namespace
}  // namespace auditflow::http
