#include "src/sigma/rule_files.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

namespace auditflow::sigma {
namespace {

namespace fs = std::filesystem;

void Report(const fs::path& path, std::string code, std::string message,
            std::vector<Diagnostic>& diagnostics) {
  SourceLocation place;
  place.file = std::make_shared<const std::string>(path.string());
  diagnostics.push_back(
      {DiagnosticKind::kInvalid, std::move(place), std::move(code), std::move(message)});
}

bool IsHidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// By the word before the extension: x.yml is a rule, x.test.yml holds its tests, and so on.
bool IsOfKind(const fs::directory_entry& entry, RuleFileKind kind) {
  static const std::set<fs::path> kNoRules = {".test", ".logsource"};
  std::error_code error;
  const fs::path extension = entry.path().extension();
  if (extension != ".yml" && extension != ".yaml") return false;
  const fs::path word = entry.path().stem().extension();
  const bool fits =
      kind == RuleFileKind::kLogsourceMap ? word == ".logsource" : !kNoRules.contains(word);
  return fits && entry.is_regular_file(error);
}

void ListFolder(const fs::path& folder, RuleFileKind kind, std::size_t max_files,
                std::vector<fs::path>& files, std::vector<Diagnostic>& diagnostics) {
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  const std::size_t first = files.size();
  while (!error && at != fs::recursive_directory_iterator()) {
    if (IsHidden(at->path())) {
      at.disable_recursion_pending();
    } else if (IsOfKind(*at, kind)) {
      files.push_back(at->path());
      if (files.size() > max_files) break;
    }
    at.increment(error);
  }
  if (error) {
    Report(folder, "unreadable", "cannot list this folder: " + error.message(), diagnostics);
  }
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
}

void AddPath(const fs::path& path, RuleFileKind kind, std::size_t max_files,
             std::vector<fs::path>& files, std::vector<Diagnostic>& diagnostics) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    Report(path, "unreadable", error ? error.message() : "no such file or folder", diagnostics);
  } else if (fs::is_directory(status)) {
    ListFolder(path, kind, max_files, files, diagnostics);
  } else {
    files.push_back(path);
  }
}

/// The same file may be named twice, or lie in a folder that is named as well.
void DropRepeated(std::vector<fs::path>& files) {
  std::set<fs::path> seen;
  std::erase_if(files, [&](const fs::path& path) {
    std::error_code error;
    fs::path canonical = fs::canonical(path, error);
    return !error && !seen.insert(std::move(canonical)).second;
  });
}

}  // namespace

std::vector<fs::path> FindRuleFiles(const std::vector<fs::path>& paths, RuleFileKind kind,
                                    std::size_t max_files, std::vector<Diagnostic>& diagnostics) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) AddPath(path, kind, max_files, files, diagnostics);
  if (files.size() > max_files) {
    Report(files[max_files], "limit",
           "more than " + std::to_string(max_files) +
               " rule files; this one and those after it are not read",
           diagnostics);
    files.resize(max_files);
  }
  if (paths.size() > 1) DropRepeated(files);
  return files;
}

bool ReadRuleFile(const fs::path& path, std::size_t max_bytes, std::string& text,
                  std::vector<Diagnostic>& diagnostics) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    Report(path, "unreadable", "not a regular file", diagnostics);
    return false;
  }
  const std::uintmax_t size = fs::file_size(path, error);
  if (!error && size > max_bytes) {
    Report(path, "limit",
           "the file has " + std::to_string(size) + " bytes; the limit is " +
               std::to_string(max_bytes),
           diagnostics);
    return false;
  }
  text.resize(error ? 0 : static_cast<std::size_t>(size));
  std::ifstream in(path, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in || error) {
    Report(path, "unreadable", "cannot read this file", diagnostics);
    return false;
  }
  return true;
}

}  // namespace auditflow::sigma
