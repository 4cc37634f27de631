

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "auditflow/http/server.hpp"

#include "tests/http/raw_connection.hpp"

namespace auditflow::http {
namespace {

using testing::RawConnection;
using testing::StartServer;
using testing::StatusOf;

struct BadRequest {
  const char* name;
  std::string bytes;
  int status;
};

std::ostream& operator<<(std::ostream& out, const BadRequest& bad) { return out << bad.name; }

class BadRequestTest : public ::testing::TestWithParam<BadRequest> {};

// The second request must not be answered: after a bad one nobody knows where it begins.
TEST_P(BadRequestTest, IsAnsweredOnceWithAProblemAndTheConnectionCloses) {
  const auto server = StartServer();
  RawConnection connection(server->port());
  connection.Send(GetParam().bytes);
  connection.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  connection.FinishSending();
  const std::string answer = connection.ReadAll();
  EXPECT_EQ(StatusOf(answer), GetParam().status) << answer;
  EXPECT_NE(answer.find("Content-Type: application/problem+json\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("Date: "), answer.rfind("Date: ")) << answer;
  EXPECT_EQ(server->Statistics().requests, 0U);
  EXPECT_EQ(server->Statistics().requests_refused, 1U);
}

std::string Head(std::string_view fields, std::string_view line = "POST /echo HTTP/1.1") {
  return std::string(line) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string Chunked(std::string_view body) {
  return Head("Transfer-Encoding: chunked\r\n").append(body);
}

std::string Line(std::string_view line) { return Head("", line); }

std::string ManyHeaders() {
  std::string fields;
  for (int i = 0; i < 100'000; ++i) fields += "X-" + std::to_string(i) + ": v\r\n";
  return Head(fields);
}

std::string ManyParameters() {
  std::string target = "/hello?a=1";
  for (int i = 0; i < 64; ++i) target += "&a=1";
  return Line("GET " + target + " HTTP/1.1");
}

INSTANTIATE_TEST_SUITE_P(
    Smuggling, BadRequestTest,
    ::testing::Values(
        BadRequest{"XChunked", Head("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n", 400},
        BadRequest{"ChunkedUpperCase", Head("Transfer-Encoding: CHUNKED\r\n") + "0\r\n\r\n", 400},
        BadRequest{"GzipThenChunked", Head("Transfer-Encoding: gzip, chunked\r\n"), 400},
        BadRequest{"ChunkedTwice", Head("Transfer-Encoding: chunked, chunked\r\n"), 400},
        BadRequest{"Identity", Head("Transfer-Encoding: identity\r\n"), 400},
        BadRequest{"RepeatedEncoding",
                   Head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        BadRequest{"EqualLengthsTwice", Head("Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
        BadRequest{"DifferentLengths", Head("Content-Length: 1\r\nContent-Length: 2\r\n"), 400},
        BadRequest{"LengthList", Head("Content-Length: 1, 1\r\n"), 400},
        BadRequest{"SignedLength", Head("Content-Length: +1\r\n"), 400},
        BadRequest{"NegativeLength", Head("Content-Length: -1\r\n"), 400},
        BadRequest{"HexLength", Head("Content-Length: 0x1\r\n"), 400},
        BadRequest{"EmptyLength", Head("Content-Length:\r\n"), 400},
        BadRequest{"LengthAndEncoding",
                   Head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        BadRequest{"SpaceBeforeColon", Head("Content-Length : 3\r\n") + "abc", 400},
        BadRequest{"FoldedHeader", Head("X-A: b\r\n c\r\n"), 400},
        BadRequest{"HiddenByFolding", Head("X-A: b\r\n\tTransfer-Encoding: chunked\r\n"), 400},
        BadRequest{"BareLineFeed", "POST /echo HTTP/1.1\r\nHost: a\nContent-Length: 3\r\n\r\n",
                   400},
        BadRequest{"OnlyLineFeeds", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
        BadRequest{"BareCarriageReturn", Head("X-A: b\rContent-Length: 3\r\n"), 400},
        BadRequest{"NulInHeader", Head(std::string("X-A: b\0c\r\n", 10)), 400},
        BadRequest{"EncodingInHttp10",
                   "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        BadRequest{"NoHost", "GET /hello HTTP/1.1\r\n\r\n", 400},
        BadRequest{"TwoHosts", Head("Host: b\r\n"), 400},
        BadRequest{"HostWithPath", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        BadRequest{"NoColon", Head("X-A\r\n"), 400}, BadRequest{"NoName", Head(": b\r\n"), 400}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Chunks, BadRequestTest,
    ::testing::Values(BadRequest{"NoSize", Chunked("\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"NotHex", Chunked("xyz\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"Negative", Chunked("-3\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"Prefixed", Chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"Overflow", Chunked("fffffffffffffffff\r\nabc\r\n"), 400},
                      BadRequest{"Huge", Chunked("ffffffffffffffff\r\nabc\r\n"), 413},
                      BadRequest{"LongerThanItsSize", Chunked("3\r\nabcdef\r\n0\r\n\r\n"), 400},
                      BadRequest{"SizeEndsInLineFeed", Chunked("3\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"SizeEndsInReturn", Chunked("3\rabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"DataEndsInLineFeed", Chunked("3\r\nabc\n0\r\n\r\n"), 400},
                      BadRequest{"LineFeedInExtension", Chunked("3;a\nb\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"ReturnInExtension", Chunked("3;a\rb\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"SpaceBeforeSize", Chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400},
                      BadRequest{"LineFeedInTrailers", Chunked("0\r\nA: b\n\r\n"), 400},
                      BadRequest{"OnlyLineFeedsAtTheEnd", Chunked("0\n\n"), 400},
                      BadRequest{"EndlessExtension", Chunked("3;" + std::string(20'000, 'x')), 400},
                      BadRequest{"EndlessTrailers", Chunked("0\r\n" + std::string(20'000, 'x')),
                                 400}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Lines, BadRequestTest,
    ::testing::Values(
        BadRequest{"Garbage", "\x16\x03\x01\x02\x01\r\n\r\n", 400},
        BadRequest{"NoVersion", Line("GET /hello"), 400},
        BadRequest{"TwoSpaces", Line("GET  /hello HTTP/1.1"), 400},
        BadRequest{"SpaceInTarget", Line("GET /hel lo HTTP/1.1"), 400},
        BadRequest{"BadMethod", Line("GE(T /hello HTTP/1.1"), 400},
        BadRequest{"BadVersion", Line("GET /hello HTTP/one"), 400},
        BadRequest{"Http2", Line("GET /hello HTTP/2.0"), 505},
        BadRequest{"UnknownExpectation", Head("Expect: the-worst\r\n"), 417},
        BadRequest{"LongTarget", Line("GET /" + std::string(5000, 'a') + " HTTP/1.1"), 414},
        BadRequest{"EndlessLine", "GET /" + std::string(100'000, 'a'), 414},
        BadRequest{"LongHeader", Head("X-A: " + std::string(20'000, 'a')), 431},
        BadRequest{"ManyHeaders", ManyHeaders(), 431},
        BadRequest{"HugeLength", Head("Content-Length: 99999999999999999999\r\n"), 413},
        BadRequest{"LargeLength", Head("Content-Length: 2000000\r\n"), 413},
        BadRequest{"ManyParameters", ManyParameters(), 400}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Targets, BadRequestTest,
    ::testing::Values(BadRequest{"OutOfRoot", Line("GET /../etc/passwd HTTP/1.1"), 400},
                      BadRequest{"OutOfRootEncoded", Line("GET /%2e%2E/etc HTTP/1.1"), 400},
                      BadRequest{"OutOfRootDeeper", Line("GET /a/../../etc HTTP/1.1"), 400},
                      BadRequest{"EncodedSlash", Line("GET /a%2fb HTTP/1.1"), 400},
                      BadRequest{"EncodedNul", Line("GET /a%00b HTTP/1.1"), 400},
                      BadRequest{"EncodedLineFeed", Line("GET /a%0ab HTTP/1.1"), 400},
                      BadRequest{"HalfEscape", Line("GET /a%2 HTTP/1.1"), 400},
                      BadRequest{"NoHexEscape", Line("GET /a%zz HTTP/1.1"), 400},
                      BadRequest{"Overlong", Line("GET /a%c0%af HTTP/1.1"), 400},
                      BadRequest{"RawBytes", Line("GET /a\xc3\xa9 HTTP/1.1"), 400},
                      BadRequest{"Fragment", Line("GET /a#b HTTP/1.1"), 400},
                      BadRequest{"Relative", Line("GET hello HTTP/1.1"), 400},
                      BadRequest{"BadQuery", Line("GET /hello?a=%zz HTTP/1.1"), 400}),
    [](const auto& test) { return test.param.name; });

// A client that sends a byte now and then must not hold its connection longer than the limit.
TEST(Slowloris, HeadersThatTakeTooLongAreA408) {
  ServerOptions options;
  options.limits.header_timeout = std::chrono::milliseconds(50);
  const auto server = StartServer(options);
  RawConnection connection(server->port());
  connection.Send("GET /hello HTTP/1.1\r\nHost: a\r\n");
  EXPECT_EQ(StatusOf(connection.ReadResponse()), 408);
  EXPECT_EQ(connection.ReadAll(), "");
  EXPECT_EQ(server->Statistics().timeouts, 1U);
}

TEST(Slowloris, ABodyThatTakesTooLongIsA408) {
  ServerOptions options;
  options.limits.body_timeout = std::chrono::milliseconds(50);
  const auto server = StartServer(options);
  RawConnection connection(server->port());
  connection.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(StatusOf(connection.ReadResponse()), 408);
  EXPECT_EQ(connection.ReadAll(), "");
}

TEST(Slowloris, DribblingDoesNotProlongTheLimit) {
  ServerOptions options;
  options.limits.header_timeout = std::chrono::milliseconds(50);
  options.limits.max_header_bytes = 1'000'000'000;  // only time can end it
  const auto server = StartServer(options);
  RawConnection connection(server->port());
  connection.Send("GET /hello HTTP/1.1\r\nX: ");
  while (server->Statistics().timeouts == 0 && connection.Send("a")) std::this_thread::yield();
  EXPECT_EQ(server->Statistics().timeouts, 1U);
}

TEST(Slowloris, AnIdleConnectionIsClosedSilently) {
  ServerOptions options;
  options.limits.idle_timeout = std::chrono::milliseconds(50);
  const auto server = StartServer(options);
  RawConnection silent(server->port());
  EXPECT_EQ(silent.ReadAll(), "");
  RawConnection after_one(server->port());
  after_one.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(StatusOf(after_one.ReadResponse()), 200);
  EXPECT_EQ(after_one.ReadAll(), "");
  EXPECT_EQ(server->Statistics().timeouts, 0U);
}

TEST(Slowloris, AReaderThatTakesNothingIsCutOff) {
  auto router = std::make_shared<Router>();
  router->Get("/large",
              [](const Request&) { return Response::Text(200, std::string(64'000'000, 'x')); });
  ServerOptions options;
  options.limits.write_timeout = std::chrono::milliseconds(50);
  const auto server = StartServer(options, router);
  RawConnection connection(server->port());
  connection.Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server->Statistics().timeouts == 0) std::this_thread::yield();
  EXPECT_LT(connection.ReadAll().size(), 64'000'000U);
}

}  // namespace
}  // namespace auditflow::http
