#pragma once

#include <functional>

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}  // namespace CLI

namespace auditflow::cli {

// Exit codes of every subcommand.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  ///< an input or a rule could not be used, or a check failed
inline constexpr int kExitUsage = 2;   ///< wrong arguments

/// What the chosen subcommand does once all arguments are read; returns the exit code.
///
/// Each subcommand has a file pair that exports `void Add…(CLI::App& app, Action& action)`: it
/// describes the subcommand to `app`, and the subcommand's callback sets `action`.
using Action = std::function<int()>;

}  // namespace auditflow::cli
