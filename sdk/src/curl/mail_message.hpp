#pragma once

#include <string>
#include <string_view>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/curl/email_notifier.hpp"

namespace auditflow::curl {

/// Whether it is one bare address "local@domain" without quotes, comments or anything that means
/// something to SMTP or a header.
[[nodiscard]] bool IsMailAddress(std::string_view text);

/// The whole mail, RFC 5322 with MIME: header and a quoted-printable body, lines ending in CRLF.
std::string MailMessage(const EmailOptions& options, const notify::Notification& notification,
                        Timestamp now);

/// "Sat, 21 Nov 2026 04:00:00 +0000".
std::string MailDate(Timestamp t);
/// The text as encoded words (RFC 2047) where it is not plain ASCII, folded.
std::string EncodeHeader(std::string_view text);
/// RFC 2045 section 6.7; LF ends a line.
std::string QuotedPrintable(std::string_view text);

}  // namespace auditflow::curl
