#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auditflow/sigma/document.hpp"

namespace auditflow::cli {

/// What one of the standard streams is connected to.
struct Terminal {
  bool interactive = false;  ///< a terminal
  bool colours = false;      ///< a terminal that shows them, and the user has not set NO_COLOR
  int columns = 80;          ///< of a terminal; COLUMNS where it is set
};

Terminal StandardOutput();
Terminal StandardError();

enum class Colour : std::uint8_t { kNone, kBold, kDim, kRed, kYellow, kGreen, kBlue, kMagenta };

/// `text` in that colour where `terminal` shows colours.
std::string Paint(std::string_view text, Colour colour, const Terminal& terminal);

Colour ColourOf(sigma::Level level);

/// How many columns UTF-8 text takes: one for each code point.
std::size_t DisplayWidth(std::string_view text);
/// Cut to `columns` with "…" at its end if it is wider. Control characters become '?', so that what
/// stands in an event cannot steer the terminal.
std::string Fit(std::string_view text, std::size_t columns);
std::string WithoutControls(std::string_view text);

}  // namespace auditflow::cli
