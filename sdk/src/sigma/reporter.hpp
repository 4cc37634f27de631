#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

/// Collects the diagnostics of one document, up to a number of them.
class Reporter {
 public:
  Reporter(std::vector<Diagnostic>& out, std::size_t max) : out_(out), max_(max) {}
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;
  /// Says how many diagnostics were left out, if any.
  ~Reporter();

  void Warn(const SourceLocation& location, std::string code, std::string message) {
    Add(DiagnosticKind::kWarning, location, std::move(code), std::move(message));
  }
  void Invalid(const SourceLocation& location, std::string code, std::string message) {
    Add(DiagnosticKind::kInvalid, location, std::move(code), std::move(message));
  }
  void Unsupported(const SourceLocation& location, std::string code, std::string message) {
    Add(DiagnosticKind::kUnsupported, location, std::move(code), std::move(message));
  }

  /// Whether the document can be used.
  [[nodiscard]] bool ok() const { return errors_ == 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  /// Whether the document is refused and what more there is to say about it would not be shown:
  /// reading on is of no use.
  [[nodiscard]] bool exhausted() const { return errors_ > 0 && omitted_ > 0; }

 private:
  void Add(DiagnosticKind kind, const SourceLocation& location, std::string code,
           std::string message);

  std::vector<Diagnostic>& out_;
  std::size_t max_;
  std::size_t added_ = 0;
  std::size_t errors_ = 0;
  Diagnostic last_omitted_;
  std::size_t omitted_ = 0;
};

}  // namespace auditflow::sigma
