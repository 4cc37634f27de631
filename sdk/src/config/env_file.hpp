#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"

namespace auditflow::config {

struct EnvLine {
  std::string name;
  std::string value;
  std::size_t line = 0;  ///< from 1
};

struct EnvFault {
  std::size_t line = 0;
  std::string message;
};

struct EnvFile {
  std::vector<EnvLine> lines;
  std::vector<EnvFault> faults;
};

/// Reads the text of a file of lines NAME=VALUE.
///
/// Empty lines and those that begin with `#` or `;` are skipped, `export ` before a name, too. A
/// value stands as it is up to the end of the line without spaces around it, in single quotes
/// literally, or in double quotes, where a backslash takes the special meaning from `"`, `\`, `$`
/// and '`'. Nothing is substituted. A name that comes twice is a fault.
EnvFile ParseEnvFile(std::string_view text);

/// What the file holds.
/// @return kNotFound, kPermissionDenied or kUnavailable if it cannot be read, kResourceExhausted if
/// it is larger than `max_bytes`. Messages do not name the file.
Result<std::string> ReadSmallFile(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace auditflow::config
