#include "src/store/file_lock.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace auditflow::store {

Result<FileLock> FileLock::Acquire(const std::filesystem::path& path) {
  constexpr mode_t kMode = 0644;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor < 0) {
    return Error(Unavailable("cannot open " + path.string() + ": " +
                             std::generic_category().message(errno)));
  }
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return Error(FailedPrecondition("is in use by another store"));
  return Error(
      Unavailable("cannot lock " + path.string() + ": " + std::generic_category().message(errno)));
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace auditflow::store
