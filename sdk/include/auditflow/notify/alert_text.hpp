#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/alert/alert.hpp"

namespace auditflow::notify {

/// "[CRITICAL] Root login from a new address": one line, without control characters, cut to
/// `max_bytes` at the end of a character.
std::string Headline(const alert::Alert& alert, std::size_t max_bytes = 200);

/// What a person wants to know first, as label and value; facts that the alert does not state are
/// left out. Values are on one line and cut to `max_bytes`.
std::vector<std::pair<std::string_view, std::string>> KeyFacts(const alert::Alert& alert,
                                                               std::size_t max_bytes = 500);

/// The alert as plain text for a mail: headline, description, facts, guidance and the raw event,
/// whose first `max_event_bytes` are shown. Lines end in LF; valid UTF-8 without other control
/// characters than tab.
std::string PlainText(const alert::Alert& alert, std::size_t max_event_bytes = 16'384);

/// The text with broken UTF-8 as U+FFFD and control characters, those of Unicode's line breaks and
/// of its writing direction among them, as spaces; cut to `max_bytes` at the end of a character,
/// with "…" if something was cut.
std::string OneLine(std::string_view text, std::size_t max_bytes);

}  // namespace auditflow::notify
