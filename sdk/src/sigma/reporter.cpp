#include "src/sigma/reporter.hpp"

#include <utility>

namespace auditflow::sigma {

Reporter::~Reporter() {
  if (omitted_ == 0) return;
  last_omitted_.message = std::to_string(omitted_) + " more problems or more in this document";
  last_omitted_.code = "more";
  out_.push_back(std::move(last_omitted_));
}

void Reporter::Add(DiagnosticKind kind, const SourceLocation& location, std::string code,
                   std::string message) {
  if (kind != DiagnosticKind::kWarning) ++errors_;
  // An error always gets through if there is none yet: a refused document must show a reason.
  const bool first_error = kind != DiagnosticKind::kWarning && errors_ == 1;
  if (added_ >= max_ && !first_error) {
    ++omitted_;
    last_omitted_.kind = DiagnosticKind::kWarning;
    last_omitted_.location = location;
    return;
  }
  ++added_;
  out_.push_back({kind, location, std::move(code), std::move(message)});
}

}  // namespace auditflow::sigma
