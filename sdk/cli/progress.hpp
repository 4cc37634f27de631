#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "auditflow/core/clock.hpp"

#include "cli/terminal.hpp"

namespace auditflow::cli {

/// How far a piece of work is.
struct ProgressState {
  std::uint64_t done = 0;              ///< bytes
  std::optional<std::uint64_t> total;  ///< bytes
  std::uint64_t events = 0;
  std::uint64_t matches = 0;
};

/// "[=====>    ]  45 %  120.3 MB/s  251,000 events/s  12 matches  0:42 left", cut to `columns`.
std::string ProgressLine(const ProgressState& state, Duration elapsed, int columns);

/// A progress bar on standard error; on a terminal only.
class Progress {
 public:
  Progress(bool enabled, const Terminal& terminal, const Clock& clock);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Draws again if a tenth of a second has passed since.
  void Update(const ProgressState& state);
  /// Takes the bar away, before something else is written.
  void Clear();

 private:
  bool enabled_;
  Terminal terminal_;
  const Clock& clock_;
  Duration started_;
  Duration drawn_;
  bool visible_ = false;
};

/// 1234567 → "1,234,567".
std::string Grouped(std::uint64_t number);

}  // namespace auditflow::cli
