#include "cli/alert_printer.hpp"

#include <string_view>

namespace auditflow::cli {
namespace {

constexpr std::size_t kTimeBegin = 11;  // of "2026-11-20T18:55:54.352392Z"
constexpr std::size_t kTimeLength = 8;
constexpr std::size_t kSeverityColumns = 8;

Colour ColourOf(std::string_view severity) {
  if (severity == "CRITICAL") return Colour::kMagenta;
  if (severity == "HIGH") return Colour::kRed;
  if (severity == "MEDIUM" || severity == "WARNING") return Colour::kYellow;
  if (severity == "LOW") return Colour::kBlue;
  return Colour::kNone;
}

std::string Padded(std::string text, std::size_t columns) {
  const std::size_t width = DisplayWidth(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

}  // namespace

std::string AlertLine(const alert::Alert& alert, const Terminal& terminal) {
  const std::string severity = Padded(WithoutControls(alert.severity), kSeverityColumns);
  const std::string what = WithoutControls(alert.alert_name);
  const std::string where = WithoutControls(alert.triggered_by.actor_id + " on " +
                                            alert.impacted_resource.server_hostname);
  const std::string rule = WithoutControls(alert.analysis_rule.rule_id);
  const std::string time = alert.timestamp.ToString().substr(kTimeBegin, kTimeLength);
  return Paint(time, Colour::kDim, terminal) + "  " +
         Paint(severity, ColourOf(alert.severity), terminal) + "  " +
         Paint(what, Colour::kBold, terminal) + "  " + where + "  " +
         Paint(rule, Colour::kDim, terminal);
}

void AlertPrinter::Print(const alert::Alert& alert) {
  if (failed_) return;
  output_.Line(terminal_.interactive ? AlertLine(alert, terminal_) : alert::ToJson(alert));
  failed_ = !output_.ok();
}

}  // namespace auditflow::cli
