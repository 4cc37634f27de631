#include "auditflow/api/access.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>

#include "auditflow/http/problem.hpp"
#include "auditflow/observe/logging.hpp"

#include "src/api/digest.hpp"
#include "src/api/token_file.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Error(Unavailable("is a folder"));
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (!std::filesystem::exists(path, error)) return Error(NotFound("does not exist"));
    return Error(Unavailable("cannot be read"));
  }
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error(Unavailable("cannot be read"));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) return Error(InvalidArgument("is larger than 1 MiB"));
  return text;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
    return lower(x) == lower(y);
  });
}

bool IsReading(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// What the client sent as its token; nothing if it sent none that could be one.
std::optional<std::string> TokenOf(const http::Request& request, std::string_view authorization) {
  const auto space = std::min(authorization.find(' '), authorization.size());
  const std::string_view scheme = authorization.substr(0, space);
  std::string_view rest = authorization.substr(space);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (EqualIgnoringCase(scheme, "Bearer")) return std::string(rest);
  if (!EqualIgnoringCase(scheme, "Basic") || !IsReading(request)) return std::nullopt;
  const std::optional<std::string> pair = DecodeBase64(rest);
  if (!pair) return std::nullopt;
  const auto colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return pair->substr(colon + 1);
}

/// The challenges of a refusal. Browsers ask for a password only if there is one for Basic.
http::Response Refuse(const http::Request& request, int status, std::string_view detail,
                      std::string_view parameters) {
  http::Response response = http::Problem(status, detail);
  std::string bearer = "Bearer realm=\"auditflow\"";
  if (!parameters.empty()) bearer += ", " + std::string(parameters);
  response.headers.emplace_back("WWW-Authenticate", bearer);
  const std::string_view accept = request.Header("Accept").value_or("");
  if (status == 401 && IsReading(request) && accept.find("text/html") != std::string_view::npos) {
    response.headers.emplace_back("WWW-Authenticate",
                                  "Basic realm=\"auditflow\", charset=\"UTF-8\"");
  }
  return response;
}

std::size_t CountAuthorizations(const http::Request& request) {
  return static_cast<std::size_t>(std::ranges::count_if(request.headers, [](const auto& header) {
    return EqualIgnoringCase(header.first, "Authorization");
  }));
}

}  // namespace

Result<std::shared_ptr<AccessControl>> AccessControl::Load(std::filesystem::path file) {
  std::shared_ptr<AccessControl> access(new AccessControl(std::move(file)));
  if (Status status = access->Reload(); !status.ok()) return Error(std::move(status));
  return access;
}

Status AccessControl::Reload() {
  const Result<std::string> text = ReadFile(file_);
  if (!text) return text.error().WithContext(file_.string());
  Result<std::vector<AccessToken>> tokens = ParseTokens(*text, file_.string());
  if (!tokens) return tokens.error();
  auto shared = std::make_shared<const std::vector<AccessToken>>(*std::move(tokens));
  const std::scoped_lock lock(mutex_);
  tokens_ = std::move(shared);
  return {};
}

std::shared_ptr<const std::vector<AccessToken>> AccessControl::Current() const {
  const std::scoped_lock lock(mutex_);
  return tokens_;
}

std::size_t AccessControl::size() const { return Current()->size(); }

std::vector<std::string> AccessControl::Names() const {
  std::vector<std::string> names;
  const std::shared_ptr<const std::vector<AccessToken>> tokens = Current();
  for (const AccessToken& token : *tokens) names.push_back(token.name);
  return names;
}

void AccessControl::Install(http::Router& router) {
  router.SetGuard([self = shared_from_this()](http::Request& request, std::string_view scope) {
    return self->Decide(request, scope);
  });
}

// A guess is a line that an attacker can have written as often as there are requests.
void AccessControl::LogRefusal(const http::Request& request, std::string_view why) const {
  const std::optional<std::uint64_t> held_back = refusals_.Admit();
  if (!held_back) return;
  observe::log::Warning("access", "request refused",
                        {{"reason", why},
                         {"method", request.method},
                         {"path", request.path},
                         {"remote_address", request.remote_address},
                         {"held_back", *held_back}});
}

std::optional<http::Response> AccessControl::Decide(http::Request& request,
                                                    std::string_view scope) const {
  const std::optional<std::string_view> authorization = request.Header("Authorization");
  if (!authorization) return Refuse(request, 401, "this needs a token", "");
  const std::optional<std::string> presented = TokenOf(request, *authorization);
  if (!presented || presented->empty() || CountAuthorizations(request) > 1) {
    return Refuse(request, 401, "the Authorization header cannot be used",
                  R"(error="invalid_request")");
  }
  const Result<Sha256> digest = DigestOf(*presented);
  if (!digest) return http::ProblemFrom(digest.error());
  const std::shared_ptr<const std::vector<AccessToken>> tokens = Current();
  const AccessToken* found = nullptr;
  for (const AccessToken& token : *tokens) {  // all of them, whichever it is
    if (EqualInConstantTime(token.digest, *digest)) found = &token;
  }
  if (found == nullptr) {
    LogRefusal(request, "the token is not known");
    return Refuse(request, 401, "the token is not known", R"(error="invalid_token")");
  }
  if (!found->Allows(scope)) {
    LogRefusal(request, "the token of " + found->name + " lacks the scope " + std::string(scope));
    return Refuse(request, 403, "the token lacks the scope " + std::string(scope),
                  R"(error="insufficient_scope", scope=")" + std::string(scope) + "\"");
  }
  request.caller = found->name;
  return std::nullopt;
}

}  // namespace auditflow::api
