#pragma once

#include <string>
#include <utility>

namespace auditflow {

/// A string that has to be asked for by name, so that it does not slip into a log.
///
/// Thread safety: thread-compatible. The memory is overwritten on destruction and assignment.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.Wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] const std::string& Reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  /// "***" or "" – for messages.
  [[nodiscard]] std::string Masked() const { return value_.empty() ? "" : "***"; }

 private:
  void Wipe() noexcept;

  std::string value_;
};

}  // namespace auditflow
