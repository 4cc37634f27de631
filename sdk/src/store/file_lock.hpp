#pragma once

#include <filesystem>

#include "auditflow/core/result.hpp"

namespace auditflow::store {

/// Owns a lock file: the lock ends with the object or the process, however that ends.
class FileLock {
 public:
  /// @return kFailedPrecondition if someone else holds it, kUnavailable if it cannot be made.
  static Result<FileLock> Acquire(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace auditflow::store
