#pragma once

#include <cstddef>

namespace auditflow::sigma {

/// Bounds on rule files, so that a hostile one costs little. Whatever goes past one of them is
/// refused with a diagnostic of code "limit".
struct LoadLimits {
  std::size_t max_file_bytes = std::size_t{32} << 20U;
  std::size_t max_depth = 32;  ///< nested YAML collections, and nested conditions
  std::size_t max_nodes =
      2'000'000;  ///< YAML nodes per file, aliases counted each time they are used
  /// What aliases and `action: global` may add to one file: nodes, and bytes of text. A file needs
  /// few of them, and a small one must not grow large through them.
  std::size_t max_expanded_nodes = 100'000;
  std::size_t max_expanded_bytes = std::size_t{8} << 20U;
  std::size_t max_documents = 100'000;  ///< per file
  std::size_t max_files = 100'000;
  /// Per document; further problems of it are summed up in one line.
  std::size_t max_diagnostics = 50;
};

}  // namespace auditflow::sigma
