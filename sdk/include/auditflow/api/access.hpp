#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::api {

struct AccessToken;

/// A token that has just been made. It is shown once; only its digest is kept.
struct NewToken {
  std::string token;  ///< "aft_" and 43 characters that stand for 32 random bytes
  std::string line;   ///< for the file that `AccessControl` reads, without a line break
};

/// @return kInvalidArgument for a name or a scope that the file could not hold.
Result<NewToken> MakeToken(std::string_view name, const std::vector<std::string>& scopes);

/// Who may do what: bearer tokens (RFC 6750) with scopes.
///
/// Tokens stand in a file, one a line, as what `auditflow token new` prints:
///
///     # name      scopes                     digest
///     grafana     alerts:read,events:read    sha256:9f86d081884c7d65…
///     operator    *                          sha256:60303ae22b998861…
///
/// The scope `*` stands for all. The file holds SHA-256 digests of the tokens, 64 hexadecimal
/// digits: the tokens are random, so a slow hash would protect nothing. A request's token is
/// compared with all of them in a time that does not depend on either.
///
/// Browsers cannot send bearer tokens by themselves: for GET and HEAD, Basic authentication with
/// the token as password is accepted, too, whatever the user name. It is not for other methods,
/// because browsers add it to requests that other sites cause.
///
/// Refusals of requests that came with a token are logged, one in ten seconds.
///
/// Thread safety: thread-safe.
class AccessControl : public std::enable_shared_from_this<AccessControl> {
 public:
  /// @return kNotFound or kUnavailable if the file cannot be read; kInvalidArgument naming
  /// file:line for whatever is malformed and for a name or token that comes twice;
  /// kFailedPrecondition if it holds no token.
  static Result<std::shared_ptr<AccessControl>> Load(std::filesystem::path file);

  /// Reads the file again. If that fails the tokens known so far stay valid.
  Status Reload();

  /// Makes this the router's guard, kept alive by it. Requests without a valid token get a 401 with
  /// `WWW-Authenticate`, those whose token lacks the scope a 403, both as problem details. The
  /// token's name becomes `Request::caller`.
  void Install(http::Router& router);

  /// Number of tokens.
  [[nodiscard]] std::size_t size() const;
  /// In the order of the file.
  [[nodiscard]] std::vector<std::string> Names() const;

 private:
  explicit AccessControl(std::filesystem::path file) : file_(std::move(file)) {}
  [[nodiscard]] std::optional<http::Response> Decide(http::Request& request,
                                                     std::string_view scope) const;
  void LogRefusal(const http::Request& request, std::string_view why) const;
  [[nodiscard]] std::shared_ptr<const std::vector<AccessToken>> Current() const;

  const std::filesystem::path file_;
  mutable observe::log::RateLimiter refusals_{std::chrono::seconds(10)};
  mutable std::mutex mutex_;
  // Replaced as a whole; guarded by mutex_.
  std::shared_ptr<const std::vector<AccessToken>> tokens_;
};

}  // namespace auditflow::api
