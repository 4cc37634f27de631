#pragma once

#include <string_view>

namespace auditflow::api {

/// What the pages load from their own origin.
extern const std::string_view kStyleSheet;
extern const std::string_view kIcon;

}  // namespace auditflow::api
