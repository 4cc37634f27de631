#pragma once

#include <string>
#include <string_view>

namespace auditflow::cli {

/// Standard output, collected into larger writes.
///
/// Once a write has failed nothing more is written, and `ok()` is false: the caller stops its work.
class Output {
 public:
  explicit Output(bool flush_each_line) : flush_each_line_(flush_each_line) {}
  ~Output() { Flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Writes `text` and a line break.
  void Line(std::string_view text);
  void Flush();

  [[nodiscard]] bool ok() const { return error_ == 0; }
  /// The reader has closed its end: no fault, it has seen enough.
  [[nodiscard]] bool closed_by_reader() const;
  /// What the system says about the failed write.
  [[nodiscard]] std::string error() const;

 private:
  std::string pending_;
  bool flush_each_line_;
  int error_ = 0;
};

/// The exit code after the last line: `code`, unless the output could not be written, which is said
/// on standard error.
int Finish(Output& output, int code);

}  // namespace auditflow::cli
