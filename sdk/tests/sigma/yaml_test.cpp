#include "auditflow/sigma/yaml.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Json(const std::string& text) {
  const YamlResult result = LoadYaml(text, "f.yml");
  EXPECT_THAT(result.diagnostics, IsEmpty()) << Show(result.diagnostics);
  std::string out;
  for (const Node& document : result.documents) AppendJson(document, out);
  return out;
}

std::vector<std::string> Faults(const std::string& text, const LoadLimits& limits = {}) {
  return Places(LoadYaml(text, "f.yml", limits).diagnostics);
}

TEST(Yaml, ScalarsFollowTheCoreSchema) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"~", "null"},
      {"null", "null"},
      {"Null", "null"},
      {"nULL", "\"nULL\""},
      {"", "null"},
      {"true", "true"},
      {"FALSE", "false"},
      {"yes", "\"yes\""},
      {"on", "\"on\""},
      {"12", "12"},
      {"-12", "-12"},
      {"+12", "12"},
      {"007", "7"},
      {"0o17", "15"},
      {"0x1F", "31"},
      {"0b11", "\"0b11\""},
      {"1_000", "\"1_000\""},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9223372036854775808"},
      {"18446744073709551615", "18446744073709551615"},
      {"18446744073709551616", "18446744073709551616"},
      {"1" + std::string(30, '0'), "1e+30"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1e3", "1000"},
      {"1e", "\"1e\""},
      {"1.2.3", "\"1.2.3\""},
      {".", "\".\""},
      {"+", "\"+\""},
      {"1e999", "\"1e999\""},
      {"1e-999", "0"},
      {".inf", "\".inf\""},
      {"-.INF", "\"-.INF\""},
      {".nan", "\".nan\""},
      {"2024-01-31", "\"2024-01-31\""},
      {"12:30:00", "\"12:30:00\""},
      {"'12'", "\"12\""},
      {"\"true\"", "\"true\""},
      {"!!str 12", "\"12\""},
      {"! 12", "\"12\""},
      {"!!int '12'", "12"},
      {"!!float 12", "12"},
      {"|\n  12", "\"12\""},
      {R"("a\tb\u263a\x01")", "\"a\\u0009b☺\\u0001\""},
  };
  for (const auto& [yaml, json] : cases) EXPECT_EQ(Json("- " + yaml), "[" + json + "]") << yaml;
}

TEST(Yaml, KeepsEachIntegerOf64BitsExactly) {
  const YamlResult result = LoadYaml("[18446744073709551615, -9223372036854775808]", "f.yml");
  ASSERT_EQ(result.documents.size(), 1U);
  const std::vector<Node>& items = result.documents[0].items;
  EXPECT_EQ(items[0].kind, Node::Kind::kUnsigned);
  EXPECT_EQ(items[0].unsigned_integer, 18446744073709551615U);
  EXPECT_EQ(items[1].kind, Node::Kind::kInteger);
  EXPECT_EQ(items[1].integer, INT64_MIN);
}

TEST(Yaml, EachKeyAndValueHasItsPlaceInCharacters) {
  const YamlResult result = LoadYaml("é: 'ü'\nb:\n  - x\n  - {ç: y, d: z}\n", "f.yml");
  ASSERT_EQ(result.documents.size(), 1U);
  const Node& root = result.documents[0];
  EXPECT_EQ(root.members[0].key_location.ToString(), "f.yml:1:1");
  EXPECT_EQ(root.members[0].value.location.ToString(), "f.yml:1:4");
  const Node& map = root.members[1].value.items[1];
  EXPECT_EQ(map.location.ToString(), "f.yml:4:5");
  EXPECT_EQ(map.members[1].key_location.ToString(), "f.yml:4:12");
}

TEST(Yaml, ReadsStreamsOfDocumentsInEveryEncodingAndLineEnd) {
  EXPECT_EQ(Json("a: 1\n---\nb: 2\n...\n---\n- c\n"), R"({"a":1}{"b":2}["c"])");
  EXPECT_EQ(Json("a: 1\r\nb: 2\r\n"), R"({"a":1,"b":2})");
  EXPECT_EQ(Json("\xEF\xBB\xBF"
                 "a: 1"),
            R"({"a":1})");
  EXPECT_EQ(Json(std::string("\xFF\xFE"
                             "a\0:\0 \0\x3A\x26\n\0",
                             12)),
            R"({"a":"☺"})");
  EXPECT_EQ(Json(std::string("\xFE\xFF"
                             "\0a\0:\0 \xD8\x3D\xDE\x00",
                             12)),
            R"({"a":"😀"})");
  EXPECT_THAT(LoadYaml("", "f.yml").documents, IsEmpty());
}

TEST(Yaml, ResolvesAliasesToCopies) {
  EXPECT_EQ(Json("a: &x {k: [1]}\nb: *x\nc: *x\n"),
            R"({"a":{"k":[1]},"b":{"k":[1]},"c":{"k":[1]}})");
  EXPECT_EQ(Json("a: &x 1\nb: &x 2\nc: *x\n"), R"({"a":1,"b":2,"c":2})");
}

TEST(Yaml, RefusesWhatItCannotKeepAndSaysWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a: 1\nb: 2\na: 3\n", "3:1 duplicate-key"},
      {"x: {a: 1, 'a': 2}\n", "1:11 duplicate-key"},
      {"a: *nowhere\n", "1:4 yaml-alias"},
      {"a: &self [*self]\n", "1:11 yaml-alias"},
      {"? [a]\n: b\n", "1:3 yaml-key"},
      {"a: &x {b: 1}\nc:\n  <<: *x\n", "3:3 yaml-merge"},
      {"a: !ruby/object x\n", "1:4 yaml-tag"},
      {"a: !!int x\n", "1:4 yaml-tag"},
      {"a: !!set {b}\n", "1:4 yaml-tag"},
      {"a:\n\tb: 1\n", "2:1 yaml-syntax"},
      {"a: [1, 2\n", "2:1 yaml-syntax"},
      {"a: 'open\n", "2:1 yaml-syntax"},
      {"a: b: c\n", "1:5 yaml-syntax"},
      {"ok: 1\nx: \xC0\xAF\n", "2:4 yaml-encoding"},
      {"x: \xED\xA0\x80\n", "1:4 yaml-encoding"},
      {"x: \x80\n", "1:4 yaml-encoding"},
      {"é: \xFF\n", "1:4 yaml-encoding"},
      {std::string("a: \0b\n", 6), "1:4 yaml-encoding"},
      {"x: \x01\n", "1:4 yaml-encoding"},
      {"x: \"\\ud800\"\n", "1:7 yaml-syntax"},
  };
  for (const auto& [text, fault] : cases) {
    const YamlResult result = LoadYaml(text, "f.yml");
    EXPECT_THAT(Places(result.diagnostics), ElementsAre(fault)) << text << Show(result.diagnostics);
    EXPECT_THAT(result.documents, IsEmpty()) << text;
  }
}

TEST(Yaml, SaysThatTabsDoNotIndent) {
  const YamlResult result = LoadYaml("a:\n  b:\n\tc: 1\n", "f.yml");
  EXPECT_THAT(Show(result.diagnostics), HasSubstr("not with tabs"));
}

TEST(Yaml, AFaultyDocumentLeavesTheOthersAlone) {
  const YamlResult result = LoadYaml("a: 1\n---\nb: 1\nb: 2\n---\nc: 3\n", "f.yml");
  EXPECT_EQ(result.documents.size(), 2U);
  EXPECT_THAT(Places(result.diagnostics), ElementsAre("4:1 duplicate-key"));
}

TEST(Yaml, ASyntaxErrorKeepsTheDocumentsBeforeIt) {
  EXPECT_EQ(LoadYaml("a: 1\n---\nb: [\n", "f.yml").documents.size(), 1U);
}

TEST(Yaml, FindsADuplicateAmongManyKeys) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(Faults(text + "k500: 2\n"), ElementsAre("100001:1 duplicate-key"));
}

TEST(Yaml, RefusesABombOfAliasesWithoutExpandingIt) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int n = 0; n < 9; ++n) text += "," + before;
    text += "]\n";
  }
  EXPECT_THAT(Faults(text), ElementsAre(testing::EndsWith(" limit")));
}

TEST(Yaml, RefusesALongTextRepeatedByAliases) {
  std::string text = "a: &a " + std::string(1 << 20, 'x') + "\nb: [";
  for (int i = 0; i < 1'000; ++i) text += "*a,";
  EXPECT_THAT(Faults(text + "]\n"), ElementsAre(testing::EndsWith(" limit")));
}

TEST(Yaml, RefusesDeepNestingAtOnce) {
  const std::vector<std::string> deep = {
      std::string(100'000, '['),
      std::string(100'000, '{'),
      [] {
        std::string dashes;
        for (int i = 0; i < 100'000; ++i) dashes += "- ";
        return dashes;
      }(),
      [] {
        std::string keys;
        for (int i = 0; i < 2'000; ++i)
          keys += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
        return keys;
      }(),
  };
  for (const std::string& text : deep) {
    EXPECT_THAT(Faults(text), ElementsAre(testing::EndsWith(" limit"))) << text.substr(0, 20);
  }
}

TEST(Yaml, LimitsAreExact) {
  LoadLimits limits;
  limits.max_depth = 3;
  EXPECT_THAT(Faults("[[[1]]]", limits), IsEmpty());
  EXPECT_THAT(Faults("[[[[1]]]]", limits), ElementsAre("1:4 limit"));
  limits = {};
  limits.max_nodes = 4;
  EXPECT_THAT(Faults("[1, 2, 3]", limits), IsEmpty());
  EXPECT_THAT(Faults("[1, 2, 3, 4]", limits).size(), 1U);
  limits = {};
  limits.max_file_bytes = 4;
  EXPECT_THAT(Faults("a: 1", limits), IsEmpty());
  EXPECT_THAT(Faults("a: 12", limits), ElementsAre("1:1 limit"));
  limits = {};
  limits.max_documents = 2;
  EXPECT_THAT(Faults("--- a\n--- b\n", limits), IsEmpty());
  EXPECT_THAT(Faults("--- a\n--- b\n--- c\n", limits).size(), 1U);
}

TEST(Yaml, RefusesThousandsOfDirectives) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "%TAG !t" + std::to_string(i) + "! x\n";
  EXPECT_THAT(Faults(text + "---\na: 1\n"), ElementsAre("1:1 limit"));
}

}  // namespace
}  // namespace auditflow::sigma
