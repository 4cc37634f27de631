#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "auditflow/api/pages.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/http/message.hpp"
#include "auditflow/store/alert_state.hpp"

#include "src/api/alert_source.hpp"

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

/// The page of a source that has no alerts to show: what is away, since when and why. 503, or 400
/// if the source refuses what it was asked for. Loads itself again every `refresh`; 0: never.
http::Response MakeAwayPage(const SourceFailure& failure, Timestamp now,
                            std::chrono::seconds refresh, const PageOptions& options);

/// `<span class="severity …">CRITICAL</span>`
void AppendSeverity(std::string_view severity, std::string& out);
/// `<time datetime="…">2026-11-20 18:56:09</time>`, in UTC to the second.
void AppendTime(Timestamp time, std::string& out);
/// The same as text.
std::string ShortTime(Timestamp time);
/// "Open", "Acknowledged", "Resolved", "False positive".
std::string_view StatusLabel(store::AlertStatus status);
/// What people made of the alert; nothing for one that is open.
void AppendState(const store::AlertState& state, std::string& out);
/// "12 s ago", "3 min ago", "2 h ago", "5 d ago"; "in the future" beyond a minute ahead.
std::string Age(Timestamp time, Timestamp now);

}  // namespace auditflow::api
