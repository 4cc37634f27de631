#include "src/config/env_file.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/config/table_fixture.hpp"

namespace auditflow::config {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs PairsOf(const EnvFile& file) {
  Pairs pairs;
  for (const EnvLine& line : file.lines) pairs.emplace_back(line.name, line.value);
  return pairs;
}

TEST(EnvFileText, HoldsNamesAndValues) {
  const EnvFile file = ParseEnvFile(
      "# comment\n"
      "; comment\r\n"
      "\n"
      "A=1\r\n"
      "export B = two words  \n"
      "C='single # \"quoted\" \\n'\n"
      "D=\"double \\\"quoted\\\" \\\\ \\$x \\n\"\n"
      "E=\n"
      "F=a=b#c");
  EXPECT_TRUE(file.faults.empty());
  EXPECT_EQ(PairsOf(file), (Pairs{{"A", "1"},
                                  {"B", "two words"},
                                  {"C", R"(single # "quoted" \n)"},
                                  {"D", R"(double "quoted" \ $x \n)"},
                                  {"E", ""},
                                  {"F", "a=b#c"}}));
  EXPECT_EQ(file.lines.back().line, 9U);
}

TEST(EnvFileText, FaultsAreNamedWithTheirLine) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"\nno equals sign", "is not of the form NAME=VALUE"},
           {"\n1A=x", "'1A' is not the name of a variable"},
           {"\nA B=x", "'A B' is not the name of a variable"},
           {"\n=x", "'' is not the name of a variable"},
           {"\nA='x", "A: the quotation mark is not closed"},
           {"\nA=\"x\\\"", "A: the quotation mark is not closed"},
           {"\nA='x' y", "A: text follows the closing quotation mark"},
           {"A=1\nA=2", "A is set a second time"},
       }) {
    const EnvFile file = ParseEnvFile(text);
    ASSERT_EQ(file.faults.size(), 1U) << text;
    EXPECT_EQ(file.faults[0].line, 2U) << text;
    EXPECT_EQ(file.faults[0].message, message);
  }
}

using SmallFile = FolderTest;

TEST_F(SmallFile, ThatCannotBeReadSaysWhy) {
  EXPECT_EQ(*ReadSmallFile(Write("file", "text\n"), 5), "text\n");
  EXPECT_EQ(ReadSmallFile(PathOf("file"), 4).error().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadSmallFile(PathOf("none"), 4).error().code(), StatusCode::kNotFound);
  EXPECT_EQ(ReadSmallFile(PathOf(""), 4).error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(ReadSmallFile("/dev/zero", 4).error().code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace auditflow::config
