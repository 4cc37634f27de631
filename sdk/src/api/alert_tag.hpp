#pragma once

#include <cstdint>
#include <string>

#include "auditflow/http/message.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// An alert's entity tag: its version. What else a row shows never changes.
std::string AlertTag(std::uint32_t version);

/// 200 with the alert's row and tag.
http::Response AlertRow(const store::StoredAlert& stored);

/// Whether `If-None-Match` names this version or any (RFC 9110 section 13.1.2).
bool HasCurrent(const http::Request& request, std::uint32_t version);

/// Whether `If-Match` stands in the request and lets no such version through (section 13.1.1: weak
/// tags never match).
bool RefusesVersion(const http::Request& request, std::uint32_t version);

}  // namespace auditflow::api
