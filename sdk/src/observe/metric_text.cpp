#include "src/observe/metric_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "auditflow/core/utf8.hpp"

namespace auditflow::observe {
namespace {

constexpr std::size_t kMaxLabelBytes = 128;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsIdentifier(std::string_view text, bool colon_allowed) {
  if (text.empty() || IsDigit(text.front())) return false;
  return std::ranges::all_of(text, [colon_allowed](char c) {
    return IsLetter(c) || IsDigit(c) || (colon_allowed && c == ':');
  });
}

bool HasRepeats(std::vector<std::string> names) {
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

bool StrictlyAscending(const std::vector<double>& buckets) {
  return std::ranges::all_of(buckets, [](double b) { return std::isfinite(b); }) &&
         std::ranges::adjacent_find(buckets, std::greater_equal<>()) == buckets.end();
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::string MetricProblem(std::string_view name, const std::vector<std::string>& labels,
                          const std::vector<double>& buckets) {
  if (!IsIdentifier(name, true)) return "the name is malformed";
  for (const std::string& label : labels) {
    if (!IsIdentifier(label, false) || label.starts_with("__") || label == "le") {
      return "the label name '" + label + "' cannot be used";
    }
  }
  if (HasRepeats(labels)) return "a label is named twice";
  if (!StrictlyAscending(buckets)) return "the buckets are not finite and ascending";
  return {};
}

std::string SafeLabelValue(std::string_view value) {
  std::string safe(CutUtf8(ReplaceInvalidUtf8(value.substr(0, kMaxLabelBytes)), kMaxLabelBytes));
  std::ranges::replace_if(safe, IsControl, '?');
  return safe;
}

std::string SafeHelp(std::string_view help) {
  std::string safe = ReplaceInvalidUtf8(help);
  std::ranges::replace_if(safe, IsControl, ' ');
  return safe;
}

}  // namespace auditflow::observe
