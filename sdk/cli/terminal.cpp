#include "cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace auditflow::cli {
namespace {

bool WantsColours() {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) != "dumb";
}

int ColumnsOf(int fd) {
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const int number = std::atoi(columns);
    if (number > 0) return number;
  }
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

Terminal Describe(int fd) {
  Terminal terminal;
  terminal.interactive = isatty(fd) == 1;
  terminal.colours = terminal.interactive && WantsColours();
  terminal.columns = ColumnsOf(fd);
  return terminal;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// How many bytes at `text`'s start take `columns` code points.
std::size_t PrefixOf(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!IsContinuation(text[at]) && columns-- == 0) break;
    ++at;
  }
  return at;
}

}  // namespace

Terminal StandardOutput() { return Describe(STDOUT_FILENO); }
Terminal StandardError() { return Describe(STDERR_FILENO); }

std::string Paint(std::string_view text, Colour colour, const Terminal& terminal) {
  static constexpr std::array<std::string_view, 8> kCodes = {"",   "1",  "2",  "31",
                                                             "33", "32", "34", "35"};
  if (!terminal.colours || colour == Colour::kNone) return std::string(text);
  std::string painted = "\x1b[";
  painted += kCodes[static_cast<std::size_t>(colour)];
  painted += 'm';
  painted += text;
  return painted + "\x1b[0m";
}

Colour ColourOf(sigma::Level level) {
  switch (level) {
    case sigma::Level::kCritical:
      return Colour::kMagenta;
    case sigma::Level::kHigh:
      return Colour::kRed;
    case sigma::Level::kMedium:
      return Colour::kYellow;
    case sigma::Level::kLow:
      return Colour::kBlue;
    case sigma::Level::kInformational:
      break;
  }
  return Colour::kDim;
}

std::size_t DisplayWidth(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string WithoutControls(std::string_view text) {
  std::string safe(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const auto byte = static_cast<unsigned char>(safe[i]);
    // U+0080 … U+009F: terminals may take them for the start of a sequence, too.
    const bool c1 =
        byte == 0xC2U && i + 1 < safe.size() && static_cast<unsigned char>(safe[i + 1]) < 0xA0U;
    if (byte < 0x20U || byte == 0x7FU) safe[i] = '?';
    if (c1) safe.replace(i, 2, "?");
  }
  return safe;
}

std::string Fit(std::string_view text, std::size_t columns) {
  std::string safe = WithoutControls(text);
  if (DisplayWidth(safe) <= columns) return safe;
  if (columns == 0) return {};
  return safe.substr(0, PrefixOf(safe, columns - 1)) + "…";
}

}  // namespace auditflow::cli
