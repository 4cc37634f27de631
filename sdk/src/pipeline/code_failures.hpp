#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "auditflow/core/clock.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::pipeline {

/// Counts what rules as code throw, and logs it once per rule and interval.
///
/// Thread safety: thread-compatible.
class CodeFailures {
 public:
  explicit CodeFailures(Duration log_interval, const Clock& clock = SystemClock())
      : log_interval_(log_interval), clock_(clock) {}

  void Add(const std::string& rule_id, std::string_view reason) {
    ++counts_[rule_id];
    auto& limiter = limiters_[rule_id];
    if (!limiter) limiter = std::make_unique<observe::log::RateLimiter>(log_interval_, clock_);
    if (const auto held_back = limiter->Admit()) {
      observe::log::Error("rules", "a rule as code failed; it does not match",
                          {{"rule_id", rule_id}, {"reason", reason}, {"held_back", *held_back}});
    }
  }

  /// By rule id.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  Duration log_interval_;
  const Clock& clock_;
  std::map<std::string, std::uint64_t> counts_;
  std::map<std::string, std::unique_ptr<observe::log::RateLimiter>> limiters_;
};

}  // namespace auditflow::pipeline
