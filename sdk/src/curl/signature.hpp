#pragma once

#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/core/secret.hpp"

namespace auditflow::curl {

/// RFC 4648 section 4, with padding.
std::string Base64(std::string_view bytes);

/// The bytes of a signing key: what follows "whsec_", decoded, or else the text itself.
/// @return kInvalidArgument "signing_key: …".
Result<Secret> SigningKey(const Secret& text);

/// "v1,…" over "id.timestamp.body": the value of `webhook-signature`.
std::string Sign(const Secret& key, std::string_view id, std::string_view timestamp,
                 std::string_view body);

}  // namespace auditflow::curl
