#include "src/config/env_file.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <unordered_set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/config/values.hpp"

namespace auditflow::config {
namespace {

bool IsNameStart(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

bool IsName(std::string_view text) {
  return !text.empty() && IsNameStart(text.front()) &&
         std::ranges::all_of(text, [](char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); });
}

/// The value without its quotes; nothing but spaces may follow them.
Result<std::string> Unquote(std::string_view text) {
  const char quote = text.front();
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    constexpr std::string_view kEscapable = "\"\\$`";
    const bool escape = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                        kEscapable.find(text[i + 1]) != std::string_view::npos;
    if (escape) ++i;
    value += text[i];
  }
  if (i == text.size()) return Error(InvalidArgument("the quotation mark is not closed"));
  if (i + 1 != text.size())
    return Error(InvalidArgument("text follows the closing quotation mark"));
  return value;
}

Result<EnvLine> ParseLine(std::string_view text, std::size_t number) {
  constexpr std::string_view kExport = "export ";
  if (text.starts_with(kExport)) text = Trim(text.substr(kExport.size()));
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return Error(InvalidArgument("is not of the form NAME=VALUE"));
  const std::string_view name = Trim(text.substr(0, equals));
  if (!IsName(name)) return Error(InvalidArgument(Quoted(name) + " is not the name of a variable"));
  const std::string_view value = Trim(text.substr(equals + 1));
  EnvLine line{std::string(name), std::string(value), number};
  if (value.starts_with('"') || value.starts_with('\'')) {
    Result<std::string> unquoted = Unquote(value);
    if (!unquoted) return Error(unquoted.error().WithContext(name));
    line.value = std::move(*unquoted);
  }
  return line;
}

Status ReadError(int error) {
  const std::string why = std::generic_category().message(error);
  if (error == ENOENT) return NotFound(why);
  if (error == EACCES || error == EPERM) return {StatusCode::kPermissionDenied, why};
  return Unavailable(why);
}

class File {
 public:
  explicit File(const std::filesystem::path& path)
      // Opening a pipe would wait for its writer.
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

EnvFile ParseEnvFile(std::string_view text) {
  EnvFile file;
  std::unordered_set<std::string> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    Result<EnvLine> parsed = ParseLine(line, number);
    if (!parsed) {
      file.faults.push_back({number, parsed.error().message()});
    } else if (!seen.insert(parsed->name).second) {
      file.faults.push_back({number, parsed->name + " is set a second time"});
    } else {
      file.lines.push_back(std::move(*parsed));
    }
  }
  return file;
}

Result<std::string> ReadSmallFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const File file(path);
  if (file.get() < 0) return Error(ReadError(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Error(ReadError(errno));
  if (S_ISDIR(status.st_mode)) return Error(ReadError(EISDIR));
  std::string text;
  char chunk[4096];
  for (;;) {
    const ssize_t count = ::read(file.get(), chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error(ReadError(errno));
    if (count == 0) return text;
    text.append(chunk, static_cast<std::size_t>(count));
    if (text.size() > max_bytes) {
      return Error(ResourceExhausted("is larger than " + std::to_string(max_bytes) + " bytes"));
    }
  }
}

}  // namespace auditflow::config
