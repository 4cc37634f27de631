#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"

namespace auditflow::http {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::string path;  ///< as `Request::path`; "*" for the asterisk form
  QueryParameters query;
};

/// Reads a request target: origin form, absolute form (its authority is dropped) or "*"
/// (RFC 9112 section 3.2).
/// @return kInvalidArgument naming the part and the offset that is wrong.
Result<Target> ParseTarget(std::string_view text, std::size_t max_query_parameters);

/// RFC 3986 escapes undone. `plus_is_space` as HTML forms write it.
Result<std::string> PercentDecode(std::string_view text, bool plus_is_space);

}  // namespace auditflow::http
