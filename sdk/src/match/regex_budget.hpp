#pragma once

#include <cstdint>

namespace auditflow::match {

/// What is left for the regular expressions of one rule set: each is bounded by itself, but many
/// short ones that compile to large programs would add up to hours.
///
/// Thread safety: thread-compatible.
class RegexBudget {
 public:
  explicit RegexBudget(std::int64_t bytes) : total_(bytes), left_(bytes) {}

  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] bool spent() const { return left_ <= 0; }
  void Spend(std::int64_t bytes) { left_ -= bytes; }

 private:
  std::int64_t total_;
  std::int64_t left_;
};

}  // namespace auditflow::match
