#include "src/http/target.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow::http {
namespace {

using Query = QueryParameters;

TEST(ParseTarget, DecodesAndNormalisesThePath) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"/", "/"},
      {"/alerts", "/alerts"},
      {"/alerts/", "/alerts"},
      {"//alerts///x", "/alerts/x"},
      {"/a/./b", "/a/b"},
      {"/a/../b", "/b"},
      {"/a/%2e%2E/b", "/b"},
      {"/a/..", "/"},
      {"/%41%2dz", "/A-z"},
      {"/%C3%A9", "/\xC3\xA9"},
      {"/a%20b", "/a b"},
      {"/a+b", "/a+b"},
      {"/...", "/..."},
      {"/DOMAIN%5Cuser", "/DOMAIN\\user"},
      {"/%2541", "/%41"},  // decoded once only
      {"http://host:80/a/b", "/a/b"},
      {"HTTPS://host", "/"},
      {"http://host?x=1", "/"},
      {"*", "*"},
  };
  for (const auto& [text, path] : cases) {
    const auto target = ParseTarget(text, 8);
    ASSERT_TRUE(target.has_value()) << text << ": " << target.error().message();
    EXPECT_EQ(target->path, path) << text;
  }
}

TEST(ParseTarget, DecodesTheQueryInOrder) {
  const std::vector<std::pair<const char*, Query>> cases = {
      {"/", {}},
      {"/?", {}},
      {"/?a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
      {"/?a", {{"a", ""}}},
      {"/?a=", {{"a", ""}}},
      {"/?=v", {{"", "v"}}},
      {"/?&&a=b&", {{"a", "b"}}},
      {"/?a=b=c", {{"a", "b=c"}}},
      {"/?q=x+y%2Bz%26", {{"q", "x y+z&"}}},
      {"/?p=/../etc", {{"p", "/../etc"}}},
      {"/?a=b?c", {{"a", "b?c"}}},
  };
  for (const auto& [text, query] : cases) {
    const auto target = ParseTarget(text, 8);
    ASSERT_TRUE(target.has_value()) << text;
    EXPECT_EQ(target->query, query) << text;
  }
}

TEST(ParseTarget, NamesWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, const char*>> cases = {
      {"", "target: does not begin with '/'"},
      {"?a=1", "target: does not begin with '/'"},
      {"alerts", "target: does not begin with '/'"},
      {"**", "target: does not begin with '/'"},
      {"/a b", "target: character at offset 2 must be percent-encoded"},
      {"/a\\b", "target: character at offset 2 must be percent-encoded"},
      {"/..", "target: path: leads out of the root"},
      {"/a%2Fb", "target: path: encoded slash"},
      {"/a%0Db", "target: path: control character"},
      {"/a%7f", "target: path: control character"},
      {"/%", "target: malformed percent-encoding at offset 0"},
      {"/?a=%4", "target: query parameter 'a': malformed percent-encoding at offset 0"},
      {"/?a=%00", "target: query parameter 'a': encoded NUL at offset 0"},
      {"/?%ff", "target: query: not valid UTF-8"},
      {"/?a&b&c&d&e&f&g&h&i", "target: query: more than 8 parameters"},
  };
  for (const auto& [text, message] : cases) {
    const auto target = ParseTarget(text, 8);
    ASSERT_FALSE(target.has_value()) << text;
    EXPECT_EQ(target.error().message(), message) << text;
    EXPECT_EQ(target.error().code(), StatusCode::kInvalidArgument);
  }
}

TEST(ParseTarget, RefusesInvalidUtf8OfEveryKind) {
  for (const char* text : {"/%c0%af", "/%ed%a0%80", "/%f4%90%80%80", "/%80", "/%e2%82", "/%fe"}) {
    EXPECT_FALSE(ParseTarget(text, 8).has_value()) << text;
  }
}

}  // namespace
}  // namespace auditflow::http
