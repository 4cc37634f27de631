#include "auditflow/store/sqlite_file.hpp"

#include <string>
#include <system_error>

#include <unistd.h>

namespace auditflow::store {
namespace {

Status Wrong(const std::filesystem::path& path, const char* what) {
  return FailedPrecondition(path.string() + ": " + what);
}

}  // namespace

Status CheckSqlitePath(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, error)) return Wrong(folder, "is no folder");
  // For the file itself, and for its log and its lock beside it.
  if (access(folder.c_str(), W_OK | X_OK) != 0) return Wrong(folder, "cannot be written in");
  if (!std::filesystem::exists(path, error)) return {};
  if (!std::filesystem::is_regular_file(path, error)) return Wrong(path, "is no file");
  if (access(path.c_str(), R_OK | W_OK) != 0) return Wrong(path, "cannot be read and written");
  return {};
}

}  // namespace auditflow::store
