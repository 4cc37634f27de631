#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"

#include "src/api/digest.hpp"

namespace auditflow::api {

/// One line of the file that `AccessControl` describes.
struct AccessToken {
  std::string name;
  std::vector<std::string> scopes;
  Sha256 digest{};

  [[nodiscard]] bool Allows(std::string_view scope) const;
};

/// Errors as `AccessControl::Load`; `file` is named in them.
Result<std::vector<AccessToken>> ParseTokens(std::string_view text, std::string_view file);

/// The line of a token, without a line break.
std::string FormatToken(const AccessToken& token);

}  // namespace auditflow::api
