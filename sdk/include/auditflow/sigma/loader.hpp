#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

/// Bounds on rule files, so that a hostile one costs little.
struct LoadLimits {
  std::size_t max_file_bytes = std::size_t{32} << 20U;
  std::size_t max_depth = 32;  ///< nested YAML collections, and nested conditions
  std::size_t max_nodes =
      4'000'000;  ///< YAML nodes per file, aliases counted each time they are used
  std::size_t max_files = 100'000;
};

struct LoadResult {
  RuleCollection rules;
  std::vector<Diagnostic> diagnostics;
  std::size_t files = 0;
  std::size_t documents = 0;
};

/// Reads one or more YAML documents from `text`. A document that is refused leaves its diagnostics
/// and nothing else; the others are loaded. References between rules are not resolved here.
///
/// Thread safety: reentrant. Never throws.
LoadResult LoadText(std::string_view text, std::string file_name, const LoadLimits& limits = {});

/// Reads files and, below folders, every *.yml and *.yaml in the order of their paths. An
/// unreadable path is a diagnostic.
LoadResult LoadPaths(const std::vector<std::filesystem::path>& paths,
                     const LoadLimits& limits = {});

}  // namespace auditflow::sigma
