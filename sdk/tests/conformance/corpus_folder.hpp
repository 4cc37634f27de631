#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// The shared corpus of real rules and events. It is not part of the repository; tests that want it
/// are skipped where it is not.
namespace auditflow::conformance {

/// AUDITFLOW_CORPUS, else ../shared/corpus beside the source folder.
std::filesystem::path CorpusFolder();
[[nodiscard]] bool HasCorpus();

/// SigmaHQ's rules, unpacked into a temporary folder that goes with this object.
class UnpackedRules {
 public:
  UnpackedRules();
  ~UnpackedRules();
  UnpackedRules(const UnpackedRules&) = delete;
  UnpackedRules& operator=(const UnpackedRules&) = delete;

  /// The folders whose rules the corpus has expectations for.
  [[nodiscard]] std::vector<std::filesystem::path> RuleFolders() const;
  /// Every folder with rules.
  [[nodiscard]] std::vector<std::filesystem::path> AllRuleFolders() const;
  /// The first `count` lines of a compressed file of events.
  [[nodiscard]] static std::vector<std::string> FirstLines(const std::string& lane,
                                                           std::size_t count);

 private:
  std::filesystem::path folder_;
};

std::vector<std::string> ReadLines(const std::filesystem::path& file);

}  // namespace auditflow::conformance
