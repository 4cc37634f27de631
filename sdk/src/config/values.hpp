#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"

// Texts of settings as values. What is wrong is said in words that fit behind "NAME (origin): ".
namespace auditflow::config {

/// In quotes, cut to a readable length, without control characters.
std::string Quoted(std::string_view text);

std::string_view Trim(std::string_view text);
std::string Lower(std::string_view text);

/// @return kInvalidArgument for control characters and for what is not UTF-8.
Status CheckPrintable(std::string_view text);
Result<std::uint16_t> ParsePort(std::string_view text);
Result<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t min, std::uint64_t max);
Result<double> ParseReal(std::string_view text, double min, double max);
Result<bool> ParseFlag(std::string_view text);
Result<Duration> ParseTime(std::string_view text, Duration min, Duration max);
std::vector<std::string> ParseList(std::string_view text);

/// The shortest text that is read as the same number.
std::string FormatReal(double value);
/// "1 to 100", "at least 1", "at most 100", or nothing if there is no limit to name.
std::string FormatRange(std::uint64_t min, std::uint64_t max);

}  // namespace auditflow::config
