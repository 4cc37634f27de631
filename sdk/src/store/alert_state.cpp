#include "auditflow/store/alert_state.hpp"

#include <array>
#include <utility>

#include "auditflow/core/utf8.hpp"

#include "src/store/whole_microseconds.hpp"

namespace auditflow::store {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestReason = 4000;

constexpr std::array<std::pair<AlertStatus, std::string_view>, 4> kNames = {
    {{AlertStatus::kOpen, "open"},
     {AlertStatus::kAcknowledged, "acknowledged"},
     {AlertStatus::kResolved, "resolved"},
     {AlertStatus::kFalsePositive, "false_positive"}}};

std::size_t CountCharacters(std::string_view utf8) {
  std::size_t count = 0;
  for (; !utf8.empty(); ++count) utf8.remove_prefix(DecodeUtf8(utf8).length);
  return count;
}

Status CheckText(std::string_view field, std::string_view text, std::size_t width) {
  const std::string name(field);
  if (!IsValidUtf8(text)) return InvalidArgument(name + ": is not UTF-8");
  if (text.find('\0') != std::string_view::npos) {
    return InvalidArgument(name + ": contains a NUL character, which databases cannot hold");
  }
  const std::size_t length = CountCharacters(text);
  if (length <= width) return Status();
  return InvalidArgument(name + ": has " + std::to_string(length) + " characters, at most " +
                         std::to_string(width) + " can be stored");
}

}  // namespace

std::string_view ToString(AlertStatus status) {
  for (const auto& [value, name] : kNames) {
    if (value == status) return name;
  }
  return "open";
}

Result<AlertStatus> ParseAlertStatus(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return Error(
      InvalidArgument("status: is none of open, acknowledged, resolved and false_positive"));
}

Status Validate(const ChangeNote& note) {
  if (note.by.empty()) return InvalidArgument("by: is empty");
  Status status = CheckText("by", note.by, kLongestName);
  return status.ok() ? CheckText("reason", note.reason, kLongestReason) : status;
}

Result<AlertState> NextState(const AlertState& current, std::optional<AlertStatus> status,
                             const ChangeNote& note, Timestamp now) {
  if (current.deleted) return Error(NotFound("there is no such alert"));
  if (note.expected_version && *note.expected_version != current.version) {
    return Error(FailedPrecondition("version: is " + std::to_string(current.version) + ", not " +
                                    std::to_string(*note.expected_version)));
  }
  return AlertState{.status = status.value_or(current.status),
                    .deleted = !status,
                    .version = current.version + 1,
                    .changed_at = WholeMicroseconds(now),
                    .changed_by = note.by,
                    .change_reason = note.reason};
}

}  // namespace auditflow::store
