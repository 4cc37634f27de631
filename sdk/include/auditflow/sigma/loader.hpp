#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/limits.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

struct LoadResult {
  RuleCollection rules;
  std::vector<Diagnostic> diagnostics;
  std::size_t files = 0;  ///< that could be read
  /// All that were found, used or refused. What follows a fault of syntax in a file counts as one
  /// document, and so does a file that cannot be read.
  std::size_t documents = 0;
};

/// Reads one or more YAML documents from `text`. A document that is refused leaves its diagnostics
/// and nothing else; the others are loaded. References between rules are not resolved here.
///
/// Thread safety: reentrant. Never throws.
LoadResult LoadText(std::string_view text, std::string file_name, const LoadLimits& limits = {});

/// Reads files and, below folders, every *.yml and *.yaml in the order of their paths, each once.
/// Below a folder, hidden entries and what is no rule (*.test.yml, *.logsource.yml) are left
/// out. An unreadable path is a diagnostic.
LoadResult LoadPaths(const std::vector<std::filesystem::path>& paths,
                     const LoadLimits& limits = {});

/// The same with *.logsource.yml below folders: documents for
/// `match::CompileOptions::logsource_map`.
LoadResult LoadLogsourceMaps(const std::vector<std::filesystem::path>& paths,
                             const LoadLimits& limits = {});

/// By path, a hash of what the file holds; a path that cannot be read has one of its own.
using FileFingerprints = std::map<std::string, std::uint64_t>;

/// Of every file that `LoadPaths` and `LoadLogsourceMaps` would read. They are equal as long as
/// those would read the same; dates, inodes and what a symbolic link leads to do not matter.
/// Comparable within one process only.
FileFingerprints FingerprintFiles(const std::vector<std::filesystem::path>& paths,
                                  const LoadLimits& limits = {});

}  // namespace auditflow::sigma
