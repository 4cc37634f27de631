#pragma once

#include <string>
#include <string_view>

#include "auditflow/alert/alert.hpp"

namespace auditflow::curl {

/// The JSON of an incoming webhook. All texts of the alert are in elements of type plain_text, and
/// the fallback's mrkdwn is off; `link` is as `SlackOptions::link`.
std::string SlackMessage(const alert::Alert& alert, std::string_view link);

/// The link to an alert: `link` with "{id}" replaced.
std::string LinkTo(const alert::Alert& alert, std::string_view link);

}  // namespace auditflow::curl
