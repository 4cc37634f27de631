#pragma once

#include <atomic>
#include <string>

#include "auditflow/alert/alert.hpp"

#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {

/// One line for a person: time, severity, name, who and where, rule.
std::string AlertLine(const alert::Alert& alert, const Terminal& terminal);

/// Prints each alert to standard output as soon as it is stored: a line for people on a terminal,
/// else the alert's JSON.
///
/// Thread safety: `Print` by one thread, `failed` by any.
class AlertPrinter {
 public:
  AlertPrinter() : terminal_(StandardOutput()), output_(true) {}

  void Print(const alert::Alert& alert);
  /// Standard output takes no more, be it that its reader has gone.
  [[nodiscard]] bool failed() const { return failed_; }
  /// To be called once nothing prints any more.
  Output& output() { return output_; }

 private:
  const Terminal terminal_;
  Output output_;
  std::atomic<bool> failed_ = false;
};

}  // namespace auditflow::cli
