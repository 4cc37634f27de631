#include "auditflow/http/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "auditflow/http/client.hpp"
#include "auditflow/http/problem.hpp"

#include "src/http/response_text.hpp"

namespace auditflow::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Request, FindsHeadersQueryAndParameters) {
  Request request = Request::Make("GET", "/a?x=1&x=2&y", "", {{"Content-Type", "a/b"}}).value();
  request.params = {{"id", "7"}};
  EXPECT_EQ(request.Header("content-TYPE"), "a/b");
  EXPECT_EQ(request.Header("accept"), std::nullopt);
  EXPECT_EQ(request.Query("x"), "1");
  EXPECT_EQ(request.Query("y"), "");
  EXPECT_EQ(request.Query("z"), std::nullopt);
  EXPECT_EQ(request.Param("id"), "7");
  EXPECT_EQ(request.Param("no"), "");
  EXPECT_FALSE(Request::Make("GET", "/..").has_value());
}

TEST(Problem, IsRfc9457) {
  ProblemDetails details;
  details.status = 400;
  details.detail = "limit: \xff";
  details.extensions = {{"field", "limit"}, {"status", "ignored"}};
  const Response response = Problem(details);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Bad Request","status":400,)"
                           "\"detail\":\"limit: \xEF\xBF\xBD\",\"field\":\"limit\"}");
}

TEST(ProblemFrom, ShowsAMessageOnlyWhereItIsTheClientsBusiness) {
  struct Case {
    Status status;
    int http;
    bool shown;
  };
  for (const Case& c : std::vector<Case>{{InvalidArgument("why"), 400, true},
                                         {OutOfRange("why"), 400, true},
                                         {FailedPrecondition("why"), 400, true},
                                         {NotFound("why"), 404, true},
                                         {AlreadyExists("why"), 409, true},
                                         {ResourceExhausted("why"), 429, true},
                                         {Unimplemented("why"), 501, false},
                                         {Unavailable("why"), 503, true},
                                         {DeadlineExceeded("why"), 504, true},
                                         {Internal("why"), 500, false},
                                         {DataLoss("why"), 500, false}}) {
    const Response response = ProblemFrom(c.status);
    EXPECT_EQ(response.status, c.http) << c.status.ToString();
    EXPECT_EQ(response.body.find("why") != std::string::npos, c.shown) << c.status.ToString();
    EXPECT_EQ(FindHeader(response.headers, "Retry-After").has_value(),
              c.http == 429 || c.http == 503);
  }
}

TEST(ReasonPhrase, KnowsTheCodes) {
  EXPECT_EQ(ReasonPhrase(100), "Continue");
  EXPECT_EQ(ReasonPhrase(404), "Not Found");
  EXPECT_EQ(ReasonPhrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(ReasonPhrase(299), "Unknown");
  EXPECT_EQ(ReasonPhrase(999), "Unknown");
}

TEST(HttpDate, IsTheFormOfRfc9110) {
  EXPECT_EQ(HttpDate(std::chrono::system_clock::from_time_t(784111777)),
            "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(ResponseText, HtmlAndJsonHaveTheirDefaults) {
  const std::string html = ResponseText(Response::Html(200, "<p>"), {});
  EXPECT_THAT(html, HasSubstr("Content-Security-Policy: default-src 'self'"));
  EXPECT_THAT(html, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(html, HasSubstr("Referrer-Policy: no-referrer\r\n"));
  const std::string json = ResponseText(Response::Json(200, "{}"), {});
  EXPECT_THAT(json, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(json, Not(HasSubstr("Content-Security-Policy")));
}

TEST(ResponseText, TheHandlersHeadersReplaceDefaultsButNotFraming) {
  Response response = Response::Json(200, "{}");
  response.Set("cache-control", "max-age=1").Set("Content-Length", "99");
  response.Set("Transfer-Encoding", "chunked").Set("Connection", "upgrade");
  const std::string text = ResponseText(response, {});
  EXPECT_THAT(text, HasSubstr("cache-control: max-age=1\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("no-store")));
  EXPECT_THAT(text, HasSubstr("Content-Length: 2\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("99")));
  EXPECT_THAT(text, Not(HasSubstr("chunked")));
  EXPECT_THAT(text, Not(HasSubstr("upgrade")));
}

TEST(ResponseText, ResponsesThatHaveNoBodyHaveNone) {
  const std::string text = ResponseText(Response::Text(204, "surplus"), {});
  EXPECT_THAT(text, Not(HasSubstr("surplus")));
  EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
}

TEST(ResponseText, WhatCouldBreakTheMessageBecomesA500) {
  Response header = Response::Text(200, "");
  header.Set("X-A", "b\r\nSet-Cookie: c");
  Response name = Response::Text(200, "");
  name.Set("X A", "b");
  Response type = Response::Text(200, "");
  type.content_type = "a\nb";
  Response status = Response::Text(99, "");
  for (const Response& response : {header, name, type, status}) {
    EXPECT_THAT(ResponseText(response, {}), ::testing::StartsWith("HTTP/1.1 500 "));
  }
}

TEST(EscapeUri, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(EscapeUri("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(EscapeUri("a b/\xC3\xA9&%"), "a%20b%2F%C3%A9%26%25");
}

TEST(Response, SetReplacesWithoutRegardToCase) {
  Response response = Response::Text(200, "");
  response.Set("X-A", "1").Set("x-a", "2");
  EXPECT_EQ(response.headers, (Headers{{"x-a", "2"}}));
}

}  // namespace
}  // namespace auditflow::http
