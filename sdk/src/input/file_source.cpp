#include "src/input/file_source.hpp"

#include <memory>
#include <system_error>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace auditflow::input {
namespace {

class Descriptor {
 public:
  Descriptor(int fd, bool owned) : fd_(fd), owned_(owned) {}
  ~Descriptor() {
    if (owned_) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
  bool owned_;
};

StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kNotFound;
    case EACCES:
    case EPERM:
      return StatusCode::kPermissionDenied;
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return StatusCode::kInvalidArgument;
    case EMFILE:
    case ENFILE:
      return StatusCode::kResourceExhausted;
    default:
      return StatusCode::kDataLoss;
  }
}

Status ErrnoStatus(int error) { return {CodeOf(error), std::generic_category().message(error)}; }

Result<std::size_t> ReadSome(int fd, char* out, std::size_t room) {
  for (;;) {
    const ssize_t got = read(fd, out, room);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return Error(ErrnoStatus(errno));
  }
}

}  // namespace

Result<FileSource> OpenFile(const std::filesystem::path& path) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error(ErrnoStatus(errno));
  auto descriptor = std::make_shared<Descriptor>(fd, !standard_input);
  struct stat about {};
  if (fstat(fd, &about) != 0) return Error(ErrnoStatus(errno));
  if (S_ISDIR(about.st_mode)) return Error(ErrnoStatus(EISDIR));
  FileSource source;
  if (S_ISREG(about.st_mode)) source.size = static_cast<std::uint64_t>(about.st_size);
  source.read = [descriptor](char* out, std::size_t room) {
    return ReadSome(descriptor->get(), out, room);
  };
  return source;
}

}  // namespace auditflow::input
