#pragma once

#include <array>
#include <string_view>

namespace auditflow::alert {

/// The members of `metadata` that `AlertMetadata` has a place for.
constexpr std::array<std::string_view, 4> kMetadataKeys = {"tags", "environment",
                                                           "remediation_guidance", "playbook_url"};

}  // namespace auditflow::alert
