#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

/// One line per event on standard error, as JSON or for a terminal.
///
///     log::Warning("rabbitmq", "connection lost", {{"host", host}, {"attempt", n}});
///     {"ts":"2026-11-20T18:55:54.352392Z","level":"warning","component":"rabbitmq",
///      "msg":"connection lost","correlation_id":"…","host":"…","attempt":3}
///
/// Whatever the values hold, a record is exactly one line of valid UTF-8: JSON escapes control
/// characters, the text format does the same, and invalid bytes become U+FFFD. Records are written
/// synchronously and never throw. Thread safety: every function here is thread-safe.
namespace auditflow::observe::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };

/// "debug", "info", "warning", "error", "off".
[[nodiscard]] std::string_view ToString(Level level);

/// Python's names and the usual others in either case: DEBUG, INFO, WARNING, WARN, ERROR, CRITICAL
/// (read as error), OFF.
/// @return kInvalidArgument naming the text and the names that are known.
Result<Level> ParseLevel(std::string_view text);

enum class Format : std::uint8_t { kJson, kText };

struct Options {
  Level level = Level::kInfo;
  Format format = Format::kJson;
  /// Put into every record as "service" if not empty.
  std::string service;
  /// Takes each line, without its line feed, in place of standard error. Called by one thread at a
  /// time; must not log.
  std::function<void(std::string_view line)> sink;
  const Clock* clock = nullptr;  ///< nothing: the system's; must live as long as it is in use
};

/// Replaces the process-wide set-up; records under way end in the one they began in.
void Configure(const Options& options);

/// Changes the level alone, at any time.
/// @return kInvalidArgument as `ParseLevel`; the level then stays as it was.
Status SetLogLevel(std::string_view level);
void SetLogLevel(Level level);
[[nodiscard]] Level LogLevel();
[[nodiscard]] bool Enabled(Level level);

/// A key and a value of a record. Holds views: for use as a temporary in the call only.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : Field(k, std::string_view(v)) {}
  Field(std::string_view k, const char* v) : Field(k, std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, std::floating_point auto v) : key(k), value(static_cast<double>(v)) {}
  Field(std::string_view k, std::signed_integral auto v)
      : key(k), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view k, std::unsigned_integral auto v)
      : key(k), value(static_cast<std::uint64_t>(v)) {}
  /// In seconds.
  Field(std::string_view k, Duration v) : key(k), value(std::chrono::duration<double>(v).count()) {}

  std::string_view key;
  Value value;
};

using Fields = std::initializer_list<Field>;

void Write(Level level, std::string_view component, std::string_view message, Fields fields);

inline void Debug(std::string_view component, std::string_view message, Fields fields = {}) {
  Write(Level::kDebug, component, message, fields);
}
inline void Info(std::string_view component, std::string_view message, Fields fields = {}) {
  Write(Level::kInfo, component, message, fields);
}
inline void Warning(std::string_view component, std::string_view message, Fields fields = {}) {
  Write(Level::kWarning, component, message, fields);
}
inline void Error(std::string_view component, std::string_view message, Fields fields = {}) {
  Write(Level::kError, component, message, fields);
}

/// Gives every record of this thread a correlation id while it is in scope; scopes nest.
class ScopedCorrelationId {
 public:
  explicit ScopedCorrelationId(std::string_view id);
  ~ScopedCorrelationId();
  ScopedCorrelationId(const ScopedCorrelationId&) = delete;
  ScopedCorrelationId& operator=(const ScopedCorrelationId&) = delete;

 private:
  std::string previous_;
};

/// This thread's correlation id; empty outside any scope.
[[nodiscard]] std::string_view CorrelationId();

/// Lets one record per interval through.
///
///     if (auto held_back = limiter.Admit()) {
///       log::Warning("redis", "still unreachable", {{"held_back", *held_back}});
///     }
class RateLimiter {
 public:
  explicit RateLimiter(Duration interval, const Clock& clock = SystemClock())
      : interval_(interval), clock_(clock) {}
  /// Nothing: hold this one back. Else the number held back since the last that passed.
  [[nodiscard]] std::optional<std::uint64_t> Admit();

 private:
  const Duration interval_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<Duration> last_;
  std::uint64_t held_back_ = 0;
};

}  // namespace auditflow::observe::log
