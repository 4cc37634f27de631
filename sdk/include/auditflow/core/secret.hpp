#pragma once

#include <string>
#include <utility>

namespace auditflow {

/// A string that has to be asked for by name, so that it does not slip into a log.
///
/// Thread safety: thread-compatible. The memory is overwritten on destruction.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret();

  [[nodiscard]] const std::string& Reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  /// "***" or "" – for messages.
  [[nodiscard]] std::string Masked() const { return value_.empty() ? "" : "***"; }

 private:
  std::string value_;
};

}  // namespace auditflow
