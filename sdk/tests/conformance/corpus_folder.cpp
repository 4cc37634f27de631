#include "tests/conformance/corpus_folder.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

namespace auditflow::conformance {

namespace fs = std::filesystem;

fs::path CorpusFolder() {
  if (const char* given = std::getenv("AUDITFLOW_CORPUS")) return given;
  return fs::path(AUDITFLOW_SOURCE_DIR) / ".." / "shared" / "corpus";
}

bool HasCorpus() { return fs::exists(CorpusFolder() / "sigmahq-rules.tar.xz"); }

UnpackedRules::UnpackedRules() {
  std::string name = testing::TempDir() + "auditflow-corpus-XXXXXX";
  const char* made = mkdtemp(name.data());
  EXPECT_NE(made, nullptr) << name;
  folder_ = name;
  const std::string command = "tar -xf '" + (CorpusFolder() / "sigmahq-rules.tar.xz").string() +
                              "' -C '" + folder_.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

UnpackedRules::~UnpackedRules() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::vector<fs::path> UnpackedRules::RuleFolders() const {
  return {folder_ / "rules", folder_ / "rules-emerging-threats", folder_ / "rules-threat-hunting"};
}

std::vector<fs::path> UnpackedRules::AllRuleFolders() const {
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
    if (entry.path().filename().string().starts_with("rules")) folders.push_back(entry.path());
  }
  return folders;
}

std::vector<std::string> UnpackedRules::FirstLines(const std::string& lane, std::size_t count) {
  const std::string command = "xz -dc '" + (CorpusFolder() / lane).string() + "' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<std::string> lines;
  std::string line;
  std::array<char, 4096> buffer{};
  while (pipe && lines.size() < count &&
         std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) {
    line += buffer.data();
    if (line.back() != '\n') continue;
    lines.push_back(line);
    line.clear();
  }
  return lines;
}

std::vector<std::string> ReadLines(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace auditflow::conformance
