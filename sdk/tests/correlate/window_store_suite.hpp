#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auditflow/correlate/window_store.hpp"

namespace auditflow::correlate {

// What every window store has to do is in window_store_suite.cpp. A program that compiles it says
// with these two functions which store it is about.

/// A store whose windows are empty.
std::unique_ptr<WindowStore> NewStore(std::vector<WindowSpec> specs, Duration allowed_lateness,
                                      const WindowLimits& limits = {});

/// Why there can be none here; empty if there can.
std::string WhyNoStore();

}  // namespace auditflow::correlate
