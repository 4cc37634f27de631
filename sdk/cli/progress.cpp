#include "cli/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace auditflow::cli {
namespace {

constexpr Duration kRedraw = std::chrono::milliseconds(100);
constexpr std::size_t kBarColumns = 20;

std::string Bar(double share) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
  std::string bar(filled, '=');
  if (filled < kBarColumns) bar += '>';
  bar.resize(kBarColumns, ' ');
  return '[' + bar + ']';
}

std::string TimeLeft(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%llu:%02llu",
                static_cast<unsigned long long>(whole / 60),
                static_cast<unsigned long long>(whole % 60));
  return text.data();
}

std::string Number(const char* format, double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

}  // namespace

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string ProgressLine(const ProgressState& state, Duration elapsed, int columns) {
  const double seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-9);
  const double bytes_per_second = static_cast<double>(state.done) / seconds;
  std::string line;
  if (state.total && *state.total > 0) {
    const double share =
        std::min(1.0, static_cast<double>(state.done) / static_cast<double>(*state.total));
    line = Bar(share) + Number(" %3.0f %%  ", share * 100);
  }
  line += Number("%.1f MB/s  ", bytes_per_second / 1e6);
  line += Grouped(static_cast<std::uint64_t>(static_cast<double>(state.events) / seconds));
  line += " events/s  " + Grouped(state.matches) + " matches";
  if (state.total && bytes_per_second > 0) {
    const std::uint64_t rest = *state.total - std::min(state.done, *state.total);
    line += "  " + TimeLeft(static_cast<double>(rest) / bytes_per_second) + " left";
  }
  return Fit(line, static_cast<std::size_t>(std::max(columns - 1, 0)));
}

Progress::Progress(bool enabled, const Terminal& terminal, const Clock& clock)
    : enabled_(enabled && terminal.interactive),
      terminal_(terminal),
      clock_(clock),
      started_(clock.Monotonic()),
      drawn_(started_) {}

void Progress::Update(const ProgressState& state) {
  if (!enabled_) return;
  const Duration now = clock_.Monotonic();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  visible_ = true;
  std::fprintf(stderr, "\r\x1b[K%s",
               ProgressLine(state, now - started_, terminal_.columns).c_str());
  std::fflush(stderr);
}

void Progress::Clear() {
  if (!visible_) return;
  visible_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace auditflow::cli
