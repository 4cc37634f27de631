#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "auditflow/core/result.hpp"
#include "auditflow/input/reader.hpp"

namespace auditflow::input {

struct FileSource {
  Reader::Source read;
  std::optional<std::uint64_t> size;  ///< of a regular file
};

/// See `Reader::Open`.
Result<FileSource> OpenFile(const std::filesystem::path& path);

}  // namespace auditflow::input
