#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/correlate/window_store.hpp"

namespace auditflow::correlate {

struct WindowPlan;
class GroupWindow;

/// A spec with lateness and limits, ready for stores that keep groups elsewhere.
///
/// Thread safety: immutable.
class WindowRule {
 public:
  WindowRule(WindowSpec spec, Duration allowed_lateness, const WindowLimits& limits);
  ~WindowRule();
  WindowRule(const WindowRule&) = delete;
  WindowRule& operator=(const WindowRule&) = delete;

  [[nodiscard]] const WindowSpec& spec() const;
  /// Of the spec's level.
  [[nodiscard]] Duration lateness() const;
  /// What is wrong with an update, or nothing.
  [[nodiscard]] std::string_view FaultOf(const WindowUpdate& update) const;
  /// Whether `max_future_skew` keeps it out.
  [[nodiscard]] bool FromTheFuture(const WindowUpdate& update) const;
  /// All that the meaning of a group's saved state depends on, as bytes. Two programs that have it
  /// in common may share groups.
  [[nodiscard]] std::string Fingerprint() const;

 private:
  friend class WindowGroup;
  const std::unique_ptr<const WindowPlan> plan_;
};

/// What became of an update.
enum class Outcome : std::uint8_t { kApplied, kDuplicate, kLate };

/// One group of one rule: its windows as `WindowStore` describes them. It is a deterministic state
/// machine: the same calls in the same order give the same state and firings in every process.
///
/// Thread safety: thread-compatible.
class WindowGroup {
 public:
  explicit WindowGroup(std::shared_ptr<const WindowRule> rule);
  ~WindowGroup();
  WindowGroup(WindowGroup&& other) noexcept;
  WindowGroup& operator=(WindowGroup&& other) noexcept;

  /// Requires an update without fault. Firings are appended with everything set but `spec` and
  /// `group`.
  Outcome Apply(const WindowUpdate& update, std::vector<Firing>& firings);
  /// Evaluates up to the last waiting event that arrived before `cutoff`.
  void Release(Timestamp cutoff, std::vector<Firing>& firings);

  [[nodiscard]] std::size_t pending() const;
  /// In the window and waiting.
  [[nodiscard]] std::size_t events() const;
  /// The earliest arrival among what waits. Requires that something does.
  [[nodiscard]] Timestamp FirstArrival() const;
  /// Events that left the window early, since the last call.
  std::uint64_t TakeDropped();

  /// The whole state as bytes.
  [[nodiscard]] std::string Save() const;
  /// @return kDataLoss for bytes that no group of this rule saved.
  static Result<WindowGroup> Load(std::shared_ptr<const WindowRule> rule, std::string_view bytes);

 private:
  std::shared_ptr<const WindowRule> rule_;
  std::unique_ptr<GroupWindow> window_;
};

/// An update as bytes; `spec` and `group` are left out.
std::string EncodeUpdate(const WindowUpdate& update);
/// @return kDataLoss for bytes that `EncodeUpdate` did not write.
Result<WindowUpdate> DecodeUpdate(std::string_view bytes);
/// A firing as bytes; `spec` and `group` are left out.
std::string EncodeFiring(const Firing& firing);
/// @return kDataLoss for bytes that `EncodeFiring` did not write.
Result<Firing> DecodeFiring(std::string_view bytes);

}  // namespace auditflow::correlate
