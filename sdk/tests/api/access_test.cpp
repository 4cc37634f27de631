#include "auditflow/api/access.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/api/digest.hpp"

namespace auditflow::api {
namespace {

using testing::HasSubstr;

std::string Line(const std::string& name, const std::string& scopes, const std::string& token) {
  return name + " " + scopes + " sha256:" + ToHex(*DigestOf(token)) + "\n";
}

class Access : public testing::Test {
 protected:
  Access() {
    std::string pattern = testing::TempDir() + "auditflow_access_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    router_.Get("/open", [](const http::Request&) { return http::Response::Text(200, "open"); });
    const auto caller = [](const http::Request& request) {
      return http::Response::Text(200, request.caller);
    };
    router_.Get("/read", caller, "thing:read").Put("/write", caller, "thing:write");
  }
  ~Access() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "tokens"; }
  void Write(const std::string& text) const { std::ofstream(file(), std::ios::binary) << text; }
  Status LoadStatus(const std::string& text) const {
    Write(text);
    const auto access = AccessControl::Load(file());
    return access ? Status() : access.error();
  }
  std::shared_ptr<AccessControl> Install(const std::string& text) {
    Write(text);
    auto access = AccessControl::Load(file()).value();
    access->Install(router_);
    return access;
  }
  http::Response Ask(std::string_view method, std::string_view target, http::Headers headers) {
    http::Request request = http::Request::Make(method, target, "", std::move(headers)).value();
    return router_.Dispatch(request).response;
  }
  http::Response AskAs(const std::string& token, std::string_view target = "/read",
                       std::string_view method = "GET") {
    return Ask(method, target, {{"Authorization", "Bearer " + token}});
  }

  http::Router router_;
  std::filesystem::path folder_;
};

TEST_F(Access, TokensOpenWhatTheirScopesName) {
  Install("# comment\n\n  " + Line("reader", "thing:read,other", "r") + "\t" +
          Line("root", "*", "a") + "\r\n");
  EXPECT_EQ(AskAs("r").body, "reader");
  EXPECT_EQ(AskAs("a").body, "root");
  EXPECT_EQ(AskAs("a", "/write", "PUT").body, "root");
  EXPECT_EQ(AskAs("r", "/write", "PUT").status, 403);
  EXPECT_EQ(AskAs("r", "/read", "HEAD").status, 200);
  EXPECT_EQ(Ask("GET", "/open", {}).body, "open");
}

TEST_F(Access, ScopesHaveToMatchAsAWhole) {
  Install(Line("a", "thing", "a") + Line("b", "thing:rea", "b") + Line("c", "Thing:read", "c") +
          Line("d", "thing:reads", "d"));
  for (const char* token : {"a", "b", "c", "d"}) EXPECT_EQ(AskAs(token).status, 403) << token;
}

TEST_F(Access, WhatIsNoKnownTokenIsRefused) {
  Install(Line("root", "*", "token"));
  struct Case {
    http::Headers headers;
    const char* error;
  };
  for (const Case& c : std::vector<Case>{
           {{}, ""},
           {{{"Authorization", "Bearer other"}}, "invalid_token"},
           {{{"Authorization", "Bearer Token"}}, "invalid_token"},
           {{{"Authorization", "Bearer token "}}, "invalid_token"},
           {{{"Authorization", "Bearer"}}, "invalid_request"},
           {{{"Authorization", "Bearer "}}, "invalid_request"},
           {{{"Authorization", "token"}}, "invalid_request"},
           {{{"Authorization", "Digest token"}}, "invalid_request"},
           {{{"Authorization", "Basic dG9rZW4="}}, "invalid_request"},  // no colon
           {{{"Authorization", "Basic Om90aGVy"}}, "invalid_token"},
           {{{"Authorization", "Basic !"}}, "invalid_request"},
           {{{"Authorization", "Bearer token"}, {"authorization", "Bearer token"}},
            "invalid_request"},
       }) {
    const http::Response response = Ask("GET", "/read", c.headers);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto challenge = http::FindHeader(response.headers, "WWW-Authenticate");
    ASSERT_TRUE(challenge);
    EXPECT_THAT(std::string(*challenge), testing::StartsWith("Bearer realm=\"auditflow\""));
    EXPECT_THAT(std::string(*challenge), HasSubstr(c.error));
    EXPECT_EQ(challenge->find("error") == std::string_view::npos, *c.error == '\0');
  }
  EXPECT_EQ(Ask("GET", "/read", {{"Authorization", "bEaReR   token"}}).status, 200);
}

TEST_F(Access, BasicIsForReadingOnly) {
  Install(Line("root", "*", "token"));
  const http::Headers basic = {{"Authorization", "Basic YW55OnRva2Vu"}};  // any:token
  EXPECT_EQ(Ask("GET", "/read", basic).body, "root");
  EXPECT_EQ(Ask("HEAD", "/read", basic).status, 200);
  EXPECT_EQ(Ask("PUT", "/write", basic).status, 401);
}

TEST_F(Access, OnlyBrowsersAreAskedForAPassword) {
  Install(Line("root", "*", "token"));
  const auto challenges = [&](std::string_view method, std::string_view target,
                              const std::string& accept) {
    std::size_t count = 0;
    for (const auto& [name, value] : Ask(method, target, {{"Accept", accept}}).headers) {
      if (name == "WWW-Authenticate") ++count;
    }
    return count;
  };
  EXPECT_EQ(challenges("GET", "/read", "text/html,*/*"), 2U);
  EXPECT_EQ(challenges("GET", "/read", "application/json"), 1U);
  EXPECT_EQ(challenges("PUT", "/write", "text/html"), 1U);
}

TEST_F(Access, FilesThatAreMalformedAreRefusedWithTheirLine) {
  const std::string digest = " sha256:" + ToHex(*DigestOf("x"));
  for (const auto& [line, message] : std::vector<std::pair<std::string, std::string>>{
           {"name", "scopes must be words"},
           {"na/me a" + digest, "a name has"},
           {std::string(65, 'n') + " a" + digest, "a name has"},
           {"name a, b" + digest, "scopes must be words"},
           {"name a,,b" + digest, "scopes must be words"},
           {"name a", "sha256:"},
           {"name a plaintext", "sha256:"},
           {"name a sha256:12", "sha256:"},
           {"name a sha1" + digest.substr(7), "sha256:"},
           {"name a" + digest + "00", "sha256:"},
           {"name a" + digest + " more", "more than three words"},
       }) {
    const Status status = LoadStatus("# one\n" + line + "\n");
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(status.message(), HasSubstr(file().string() + ":2: ")) << line;
    EXPECT_THAT(status.message(), HasSubstr(message)) << line;
  }
}

TEST_F(Access, NamesAndTokensComeOnce) {
  EXPECT_THAT(LoadStatus(Line("a", "*", "1") + Line("a", "*", "2")).message(),
              HasSubstr("the name a comes twice"));
  EXPECT_THAT(LoadStatus(Line("a", "*", "1") + Line("b", "*", "1")).message(),
              HasSubstr("the same token as that of a"));
}

TEST_F(Access, FilesThatSayNothingAreRefused) {
  EXPECT_EQ(LoadStatus("# nobody\n").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(AccessControl::Load(folder_ / "none").error().code(), StatusCode::kNotFound);
  EXPECT_EQ(AccessControl::Load(folder_).error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(LoadStatus(std::string(2'000'000, '#')).code(), StatusCode::kInvalidArgument);
}

TEST_F(Access, AReloadThatFailsKeepsTheTokens) {
  const auto access = Install(Line("old", "*", "old"));
  Write("broken");
  EXPECT_FALSE(access->Reload().ok());
  EXPECT_EQ(AskAs("old").status, 200);
  Write(Line("new", "*", "new") + Line("other", "*", "other"));
  EXPECT_TRUE(access->Reload().ok());
  EXPECT_EQ(access->size(), 2U);
  EXPECT_EQ(access->Names(), (std::vector<std::string>{"new", "other"}));
  EXPECT_EQ(AskAs("old").status, 401);
  EXPECT_EQ(AskAs("new").status, 200);
}

TEST_F(Access, TokensThatAreMadeAreTokensThatAreKnown) {
  const NewToken made = MakeToken("grafana", {"thing:read", "other"}).value();
  EXPECT_THAT(made.token, testing::StartsWith("aft_"));
  EXPECT_THAT(made.line, testing::StartsWith("grafana thing:read,other sha256:"));
  EXPECT_THAT(made.line, testing::Not(HasSubstr(made.token)));
  Install(made.line);
  EXPECT_EQ(AskAs(made.token).body, "grafana");
  EXPECT_NE(MakeToken("grafana", {"*"}).value().token, made.token);
}

TEST_F(Access, TokensNeedANameAndScopesThatTheFileCanHold) {
  EXPECT_FALSE(MakeToken("", {"a"}));
  EXPECT_FALSE(MakeToken("two words", {"a"}));
  EXPECT_FALSE(MakeToken("name", {}));
  EXPECT_FALSE(MakeToken("name", {""}));
  EXPECT_FALSE(MakeToken("name", {"a b"}));
  EXPECT_FALSE(MakeToken("name", {"a\nroot * sha256:"}));
}

}  // namespace
}  // namespace auditflow::api
