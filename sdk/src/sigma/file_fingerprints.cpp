#include <functional>
#include <string>
#include <vector>

#include "auditflow/sigma/loader.hpp"

#include "src/sigma/rule_files.hpp"

namespace auditflow::sigma {

FileFingerprints FingerprintFiles(const std::vector<std::filesystem::path>& paths,
                                  const LoadLimits& limits) {
  FileFingerprints fingerprints;
  std::vector<Diagnostic> faults;
  std::string text;
  for (const RuleFileKind kind : {RuleFileKind::kRule, RuleFileKind::kLogsourceMap}) {
    for (const auto& file : FindRuleFiles(paths, kind, limits.max_files, faults)) {
      if (!ReadRuleFile(file, limits.max_file_bytes, text, faults)) continue;
      fingerprints[file.string()] = std::hash<std::string>()(text);
    }
  }
  for (const Diagnostic& fault : faults) {
    fingerprints[*fault.location.file] = std::hash<std::string>()("unreadable: " + fault.message);
  }
  return fingerprints;
}

}  // namespace auditflow::sigma
