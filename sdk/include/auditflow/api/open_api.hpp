#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/http/router.hpp"

namespace auditflow::api {

/// The OpenAPI 3.1 document that a service serves, from the one that says what is its own.
///
/// Added to `document` where it does not say so itself:
/// - the operations that all services have: /healthz, /livez, /readyz, /metrics, /loglevel,
///   /openapi.json, with their schemas; a path that the document has already stays its own;
/// - the security scheme `bearerToken`;
/// - the answers that the server or the access control may give to any operation: 400, 414, 431 and
///   503, 413 where there is a body, 401 and 403 where `security` asks for a scope. They are
///   `#/components/responses/Problem`;
/// - `info.version`.
///
/// An operation names the scope that it needs as `"security": [{"bearerToken": ["rate:write"]}]`.
/// @return kInvalidArgument if `document` is no JSON object with `paths`.
Result<std::string> CompleteOpenApi(std::string_view document, std::string_view version);

/// What differs between a router's routes and a document, as completed: methods, paths and scopes,
/// one sentence each. Empty if they agree. For tests.
std::vector<std::string> CompareOpenApi(const http::Router& router, std::string_view document);

}  // namespace auditflow::api
