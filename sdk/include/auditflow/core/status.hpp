#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace auditflow {

/// What kind of failure a `Status` reports. The set and its meaning are gRPC's canonical codes.
enum class StatusCode : std::uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// The code's name as gRPC spells it, e.g. "INVALID_ARGUMENT".
[[nodiscard]] std::string_view ToString(StatusCode code);

/// Whether the caller may try the same call again and hope for another answer.
enum class Retry : std::uint8_t { kNo, kYes };

/// The error half of every `Result`: a code for programs, a message for people, and whether a retry
/// can help.
///
/// Thread safety: immutable after construction apart from assignment; distinct objects are
/// independent.
class [[nodiscard]] Status {
 public:
  Status() = default;  ///< OK.

  /// `retry` defaults to what the code implies: kUnavailable, kAborted, kDeadlineExceeded and
  /// kResourceExhausted can pass, the others do not.
  Status(StatusCode code, std::string message);
  Status(StatusCode code, std::string message, Retry retry);

  [[nodiscard]] bool ok() const { return code_ == StatusCode::kOk; }
  [[nodiscard]] StatusCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] bool retryable() const { return retry_ == Retry::kYes; }

  /// "INVALID_ARGUMENT: timestamp: month 13 is out of range", or "OK".
  [[nodiscard]] std::string ToString() const;

  /// The same status with "`context`: " put before its message.
  [[nodiscard]] Status WithContext(std::string_view context) const;

  friend bool operator==(const Status&, const Status&) = default;

 private:
  StatusCode code_ = StatusCode::kOk;
  Retry retry_ = Retry::kNo;
  std::string message_;
};

Status InvalidArgument(std::string message);
Status NotFound(std::string message);
Status AlreadyExists(std::string message);
Status ResourceExhausted(std::string message);
Status FailedPrecondition(std::string message);
Status OutOfRange(std::string message);
Status Unimplemented(std::string message);
Status Internal(std::string message);
Status Unavailable(std::string message);
Status DeadlineExceeded(std::string message);
Status DataLoss(std::string message);
Status Cancelled(std::string message);

}  // namespace auditflow
