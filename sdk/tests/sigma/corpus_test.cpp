#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::sigma {
namespace {

namespace fs = std::filesystem;

fs::path CorpusFolder() {
  const char* folder = std::getenv("AUDITFLOW_CORPUS");
  if (folder != nullptr) return folder;
  return fs::path(AUDITFLOW_SOURCE_DIR).parent_path() / "shared" / "corpus";
}

/// The SigmaHQ rules: unpacked in the corpus folder, or from its archive into the test's own.
class SigmaHqCorpus : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const fs::path corpus = CorpusFolder();
    const fs::path archive = corpus / "sigmahq-rules.tar.xz";
    if (fs::is_directory(corpus / "rules")) {
      root_ = corpus;
    } else if (fs::exists(archive)) {
      std::string pattern = testing::TempDir() + "/auditflow_sigma_XXXXXX";
      if (mkdtemp(pattern.data()) == nullptr) return;
      root_ = unpacked_ = pattern;
      const std::string command = "tar -xJf '" + archive.string() + "' -C '" + root_.string() + "'";
      if (std::system(command.c_str()) != 0) root_.clear();
    }
  }

  void SetUp() override {
    if (root_.empty()) {
      GTEST_SKIP() << "no SigmaHQ rules: set AUDITFLOW_CORPUS to a folder with them";
    }
  }

  static void TearDownTestSuite() {
    std::error_code ignored;
    if (!unpacked_.empty()) fs::remove_all(unpacked_, ignored);
  }

  static fs::path root_;
  static fs::path unpacked_;  ///< what the test has to remove
};
fs::path SigmaHqCorpus::root_;
fs::path SigmaHqCorpus::unpacked_;

/// Unpacked archives may have a folder of their own at the top.
fs::path Locate(const fs::path& root, const std::string& name) {
  if (fs::is_directory(root / name)) return root / name;
  for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
    if (fs::is_directory(entry.path() / name)) return entry.path() / name;
  }
  return root / name;
}

TEST_F(SigmaHqCorpus, EveryRuleLoadsAndLinksWithoutAnError) {
  LoadResult loaded = LoadPaths({Locate(root_, "rules"), Locate(root_, "rules-emerging-threats"),
                                 Locate(root_, "rules-threat-hunting")});
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    EXPECT_EQ(diagnostic.kind, DiagnosticKind::kWarning) << diagnostic.ToString();
  }
  EXPECT_EQ(loaded.files, 3754U);
  EXPECT_EQ(loaded.rules.detections.size(), 3754U);
  const LinkResult result = Link(std::move(loaded.rules));
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_EQ(result.linked.rules.detections.size(), 3754U);
}

TEST_F(SigmaHqCorpus, PlaceholderRulesLoadAsTheyAre) {
  const LoadResult loaded = LoadPaths({Locate(root_, "rules-placeholder")});
  EXPECT_FALSE(HasErrors(loaded.diagnostics));
  EXPECT_EQ(loaded.rules.detections.size(), loaded.files);
  EXPECT_GT(loaded.files, 20U);
}

}  // namespace
}  // namespace auditflow::sigma
