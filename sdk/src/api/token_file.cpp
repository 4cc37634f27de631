#include "src/api/token_file.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "auditflow/api/access.hpp"

namespace auditflow::api {
namespace {

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

std::string Joined(const std::vector<std::string>& scopes) {
  std::string list;
  for (const std::string& scope : scopes) list += (list.empty() ? "" : ",") + scope;
  return list;
}

Result<AccessToken> ParseToken(std::string_view line) {
  AccessToken token;
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

Status CheckDistinct(const AccessToken& token, const std::vector<AccessToken>& others) {
  for (const AccessToken& other : others) {
    if (other.name == token.name) return InvalidArgument("the name " + token.name + " comes twice");
    if (other.digest == token.digest) {
      return InvalidArgument("the same token as that of " + other.name);
    }
  }
  return {};
}

}  // namespace

bool AccessToken::Allows(std::string_view scope) const {
  return std::ranges::any_of(
      scopes, [scope](const std::string& own) { return own == kAllScopes || own == scope; });
}

Result<std::vector<AccessToken>> ParseTokens(std::string_view text, std::string_view file) {
  std::vector<AccessToken> tokens;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (line.empty() || line.front() == '#') continue;
    Result<AccessToken> token = ParseToken(line);
    const Status status = token ? CheckDistinct(*token, tokens) : token.error();
    if (!status.ok()) {
      return Error(status.WithContext(std::string(file) + ":" + std::to_string(number)));
    }
    tokens.push_back(*std::move(token));
  }
  if (tokens.empty()) return Error(FailedPrecondition(std::string(file) + ": holds no token"));
  return tokens;
}

std::string FormatToken(const AccessToken& token) {
  return token.name + " " + Joined(token.scopes) + " " + std::string(kDigestPrefix) +
         ToHex(token.digest);
}

Result<NewToken> MakeToken(std::string_view name, const std::vector<std::string>& scopes) {
  if (!IsName(name)) {
    return Error(InvalidArgument("name: must have 1 to 64 letters, digits and -_.@"));
  }
  if (const auto parsed = ParseScopes(Joined(scopes)); !parsed) return Error(parsed.error());
  Result<std::string> random = RandomText();
  if (!random) return Error(random.error());
  NewToken made;
  made.token = std::string(kPrefix) + *random;
  const Result<Sha256> digest = DigestOf(made.token);
  if (!digest) return Error(digest.error());
  made.line = FormatToken({std::string(name), scopes, *digest});
  return made;
}

}  // namespace auditflow::api
