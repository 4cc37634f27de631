#include "src/config/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "auditflow/core/utf8.hpp"

namespace auditflow::config {
namespace {

constexpr std::size_t kQuotedBytes = 80;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

template <class T>
std::optional<T> Whole(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

/// "tcp://10.0.0.1:5672" → "5672"; other text as it is.
std::string_view PortPart(std::string_view text) {
  constexpr std::string_view kScheme = "tcp://";
  if (!text.starts_with(kScheme)) return text;
  const auto colon = text.rfind(':');
  return colon < kScheme.size() ? std::string_view() : text.substr(colon + 1);
}

Status OutsideOf(std::string_view text, const std::string& min, const std::string& max) {
  return InvalidArgument(Quoted(text) + " is not between " + min + " and " + max);
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string shown = ReplaceInvalidUtf8(CutUtf8(text, kQuotedBytes));
  std::ranges::replace_if(shown, IsControl, '?');
  return "'" + shown + (text.size() > kQuotedBytes ? "…'" : "'");
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Status CheckPrintable(std::string_view text) {
  if (std::ranges::any_of(text, IsControl)) return InvalidArgument("holds a control character");
  if (!IsValidUtf8(text)) return InvalidArgument("is not UTF-8");
  return {};
}

Result<std::uint16_t> ParsePort(std::string_view text) {
  const auto port = Whole<std::uint16_t>(PortPart(text));
  if (!port) return Error(InvalidArgument(Quoted(text) + " is not a port (0 to 65535)"));
  return *port;
}

Result<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto number = Whole<std::uint64_t>(text);
  if (!number) return Error(InvalidArgument(Quoted(text) + " is not a whole number"));
  if (*number < min || *number > max) {
    return Error(OutsideOf(text, std::to_string(min), std::to_string(max)));
  }
  return *number;
}

Result<double> ParseReal(std::string_view text, double min, double max) {
  const auto number = Whole<double>(text);
  if (!number || !std::isfinite(*number)) {
    return Error(InvalidArgument(Quoted(text) + " is not a decimal number"));
  }
  if (*number < min || *number > max) {
    return Error(OutsideOf(text, FormatReal(min), FormatReal(max)));
  }
  return *number;
}

Result<bool> ParseFlag(std::string_view text) {
  const std::string word = Lower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return Error(InvalidArgument(Quoted(text) + " is neither true nor false"));
}

Result<Duration> ParseTime(std::string_view text, Duration min, Duration max) {
  Result<Duration> time = ParseDuration(text);
  if (const auto seconds = Whole<double>(text)) {
    constexpr double kMost = 9e9;
    if (!(std::abs(*seconds) < kMost)) return Error(InvalidArgument(Quoted(text) + " is too long"));
    time = Duration(std::llround(*seconds * 1e9));
  }
  if (!time) {
    return Error(InvalidArgument(Quoted(text) + " is not a time such as 500ms, 30s or 5m"));
  }
  if (*time < min || *time > max) {
    return Error(OutsideOf(text, FormatDuration(min), FormatDuration(max)));
  }
  return *time;
}

std::vector<std::string> ParseList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (const auto item = Trim(text.substr(0, end)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

std::string FormatReal(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : std::string("?");
}

std::string FormatRange(std::uint64_t min, std::uint64_t max) {
  const bool open = max >= std::numeric_limits<std::uint32_t>::max();
  if (open) return min == 0 ? "" : "at least " + std::to_string(min);
  return std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace auditflow::config
