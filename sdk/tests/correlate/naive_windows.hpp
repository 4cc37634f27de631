#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "auditflow/correlate/window_store.hpp"

namespace auditflow::correlate {

/// What a window store has to answer, worked out the slow way: late events and duplicates are
/// struck out, the rest is sorted, and for each event the window is collected and its value
/// computed anew. Quadratic; shares no code with the store.
class NaiveWindows {
 public:
  NaiveWindows(WindowSpec spec, Duration lateness) : spec_(std::move(spec)), lateness_(lateness) {}

  /// All firings of a whole stream up to its end, by group.
  [[nodiscard]] std::map<std::string, std::vector<Firing>> Run(
      const std::vector<WindowUpdate>& stream) const;

  /// The stream of one group without late events and duplicates, in order of evaluation.
  [[nodiscard]] std::vector<WindowUpdate> Admitted(const std::vector<WindowUpdate>& stream) const;

 private:
  using Window = std::vector<const WindowUpdate*>;

  [[nodiscard]] std::vector<Firing> Evaluate(const std::vector<WindowUpdate>& events) const;
  [[nodiscard]] double Value(const Window& window) const;
  [[nodiscard]] bool Holds(const Window& window) const;
  [[nodiscard]] bool HoldsTemporal(const Window& window) const;

  WindowSpec spec_;
  Duration lateness_;
};

}  // namespace auditflow::correlate
