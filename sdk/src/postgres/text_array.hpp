#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditflow::postgres {

/// A one-dimensional array in PostgreSQL's text form: {"a","b",NULL}.
///
/// Thread safety: thread-compatible.
class TextArray {
 public:
  /// Any text without NUL.
  void Add(std::string_view text);
  void AddNull();
  void Clear() { text_ = "{"; }
  [[nodiscard]] std::string Finished() const { return text_ + "}"; }

 private:
  void Separate();
  std::string text_ = "{";
};

}  // namespace auditflow::postgres
