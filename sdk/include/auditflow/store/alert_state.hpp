#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::store {

/// What people have made of an alert.
enum class AlertStatus : std::uint8_t { kOpen, kAcknowledged, kResolved, kFalsePositive };

/// "open", "acknowledged", "resolved" or "false_positive".
[[nodiscard]] std::string_view ToString(AlertStatus status);
/// @return kInvalidArgument "status: …" for any other text.
Result<AlertStatus> ParseAlertStatus(std::string_view text);

/// Where an alert stands in the hands of people, and who put it there, when and why. An alert that
/// nobody touched has version 0 and nobody's name.
struct AlertState {
  AlertStatus status = AlertStatus::kOpen;
  bool deleted = false;
  std::uint32_t version = 0;  ///< how many changes there were
  Timestamp changed_at = {};  ///< when it was last changed, in whole microseconds
  std::string changed_by = {};
  std::string change_reason = {};

  friend bool operator==(const AlertState&, const AlertState&) = default;
};

/// Who changes an alert, and why.
struct ChangeNote {
  std::string by = {};      ///< 1 to 255 characters
  std::string reason = {};  ///< up to 4000 characters
  /// If given, the change happens only while the alert's version is this one.
  std::optional<std::uint32_t> expected_version = {};
};

/// Whether every store can hold the note: UTF-8 without NUL, within the widths above.
/// @return kInvalidArgument "by: …" or "reason: …".
Status Validate(const ChangeNote& note);

/// The state that follows `current`: with `status`, or deleted if there is none. What every store
/// does, so that all of them agree. Expects a valid note.
/// @return kNotFound if the alert is deleted, kFailedPrecondition "version: …" if it has another
/// version than the note expects.
Result<AlertState> NextState(const AlertState& current, std::optional<AlertStatus> status,
                             const ChangeNote& note, Timestamp now);

}  // namespace auditflow::store
