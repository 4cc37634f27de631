#include "auditflow/api/access.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>

#include "auditflow/http/problem.hpp"
#include "auditflow/observe/logging.hpp"

#include "src/api/digest.hpp"

namespace auditflow::api {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::string_view kPrefix = "aft_";
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::string_view kAllScopes = "*";
constexpr std::string_view kSpace = " \t\r";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsWord(std::string_view text, std::string_view further) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::ranges::all_of(text, [further](char c) {
           return IsAlphanumeric(c) || further.find(c) != std::string_view::npos;
         });
}

bool IsName(std::string_view text) { return IsWord(text, "-_.@"); }
bool IsScope(std::string_view text) { return text == kAllScopes || IsWord(text, "-_.:"); }

std::string_view NextWord(std::string_view& text) {
  const auto begin = std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(begin);
  const auto end = std::min(text.find_first_of(kSpace), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

Result<std::vector<std::string>> ParseScopes(std::string_view text) {
  std::vector<std::string> scopes;
  while (true) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view scope = text.substr(0, end);
    if (!IsScope(scope)) {
      return Error(
          InvalidArgument("scopes must be words such as alerts:read, comma separated "
                          "without spaces, or *"));
    }
    scopes.emplace_back(scope);
    if (end == text.size()) return scopes;
    text.remove_prefix(end + 1);
  }
}

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

struct AccessControl::Token {
  std::string name;
  std::vector<std::string> scopes;
  Sha256 digest{};

  [[nodiscard]] bool Allows(std::string_view scope) const {
    return std::ranges::any_of(
        scopes, [scope](const std::string& own) { return own == kAllScopes || own == scope; });
  }

  static Result<Token> Parse(std::string_view line);
};

Result<AccessControl::Token> AccessControl::Token::Parse(std::string_view line) {
  Token token;
  token.name = NextWord(line);
  if (!IsName(token.name)) {
    return Error(InvalidArgument("a name has 1 to 64 letters, digits and -_.@"));
  }
  Result<std::vector<std::string>> scopes = ParseScopes(NextWord(line));
  if (!scopes) return Error(scopes.error());
  token.scopes = *std::move(scopes);
  std::string_view digest = NextWord(line);
  const bool known = digest.starts_with(kDigestPrefix);
  if (known) digest.remove_prefix(kDigestPrefix.size());
  const std::optional<Sha256> bytes = FromHex(digest);
  if (!known || !bytes) {
    return Error(InvalidArgument("the third word must be sha256: and 64 hexadecimal digits"));
  }
  token.digest = *bytes;
  if (!NextWord(line).empty()) return Error(InvalidArgument("more than three words"));
  return token;
}

Result<AccessControl::Tokens> AccessControl::ReadTokens(const std::filesystem::path& file) {
  const Result<std::string> text = ReadFile(file);
  if (!text) return Error(text.error().WithContext(file.string()));
  Tokens tokens;
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto fault = [&](const std::string& why) {
      return Error(InvalidArgument(file.string() + ":" + std::to_string(number) + ": " + why));
    };
    Result<Token> token = Token::Parse(line);
    if (!token) return fault(token.error().message());
    for (const Token& other : tokens) {
      if (other.name == token->name) return fault("the name " + token->name + " comes twice");
      if (other.digest == token->digest) return fault("the same token as that of " + other.name);
    }
    tokens.push_back(*std::move(token));
  }
  if (tokens.empty()) return Error(FailedPrecondition(file.string() + ": holds no token"));
  return tokens;
}

Result<std::shared_ptr<AccessControl>> AccessControl::Load(std::filesystem::path file) {
  std::shared_ptr<AccessControl> access(new AccessControl(std::move(file)));
  if (Status status = access->Reload(); !status.ok()) return Error(std::move(status));
  return access;
}

Status AccessControl::Reload() {
  Result<Tokens> tokens = ReadTokens(file_);
  if (!tokens) return tokens.error();
  auto shared = std::make_shared<const Tokens>(*std::move(tokens));
  const std::scoped_lock lock(mutex_);
  tokens_ = std::move(shared);
  return {};
}

std::shared_ptr<const AccessControl::Tokens> AccessControl::Current() const {
  const std::scoped_lock lock(mutex_);
  return tokens_;
}

std::size_t AccessControl::size() const { return Current()->size(); }

std::vector<std::string> AccessControl::Names() const {
  std::vector<std::string> names;
  for (const Token& token : *Current()) names.push_back(token.name);
  return names;
}

void AccessControl::Install(http::Router& router) {
  router.SetGuard([self = shared_from_this()](http::Request& request, std::string_view scope) {
    return self->Decide(request, scope);
  });
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
  const std::shared_ptr<const Tokens> tokens = Current();
  const Token* found = nullptr;
  for (const Token& token : *tokens) {  // all of them, whichever it is
    if (EqualInConstantTime(token.digest, *digest)) found = &token;
  }
  if (found == nullptr) {
    return Refuse(request, 401, "the token is not known", R"(error="invalid_token")");
  }
  if (!found->Allows(scope)) {
    return Refuse(request, 403, "the token lacks the scope " + std::string(scope),
                  R"(error="insufficient_scope", scope=")" + std::string(scope) + "\"");
  }
  request.caller = found->name;
  return std::nullopt;
}

Result<NewToken> MakeToken(std::string_view name, const std::vector<std::string>& scopes) {
  if (!IsName(name)) {
    return Error(InvalidArgument("name: must have 1 to 64 letters, digits and -_.@"));
  }
  std::string list;
  for (const std::string& scope : scopes) list += (list.empty() ? "" : ",") + scope;
  if (const auto parsed = ParseScopes(list); !parsed) return Error(parsed.error());
  Result<std::string> random = RandomText();
  if (!random) return Error(random.error());
  NewToken made;
  made.token = std::string(kPrefix) + *random;
  const Result<Sha256> digest = DigestOf(made.token);
  if (!digest) return Error(digest.error());
  made.line = std::string(name) + " " + list + " " + std::string(kDigestPrefix) + ToHex(*digest);
  return made;
}

}  // namespace auditflow::api
