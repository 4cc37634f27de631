#pragma once

#include <string>
#include <string_view>

#include "auditflow/api/pages.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// What stands around the content of every page.
struct PageFrame {
  std::string title;
  std::string product;
  std::string state;  ///< text at the right of the header
  long refresh_seconds = 0;
};

/// `main` is HTML already.
http::Response MakePage(int status, const PageFrame& frame, std::string_view main);

/// A page that says what went wrong.
http::Response MakeErrorPage(int status, std::string_view message, const PageOptions& options);

/// `<span class="severity …">CRITICAL</span>`
void AppendSeverity(std::string_view severity, std::string& out);
/// `<time datetime="…">2026-11-20 18:56:09</time>`, in UTC to the second.
void AppendTime(Timestamp time, std::string& out);
/// "12 s ago", "3 min ago", "2 h ago", "5 d ago"; "in the future" beyond a minute ahead.
std::string Age(Timestamp time, Timestamp now);

}  // namespace auditflow::api
