#include "auditflow/config/settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/config/table_fixture.hpp"

namespace auditflow::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

enum class Kind { kClassic, kQuorum };

/// One setting of every type.
struct Program {
  std::string host = "localhost";
  std::uint16_t port = 5672;
  std::uint32_t count = 8;
  std::optional<std::uint64_t> seed;
  double rate = 0.5;
  bool flag = false;
  Duration time = std::chrono::seconds(5);
  Secret password{"default secret"};
  Kind kind = Kind::kClassic;
  std::string mix = "uniform";
  std::filesystem::path rules = "rules";
  std::vector<std::string> names = {"a", "b"};
  SettingTable table;

  Program() {
    table.Section("Broker")
        .Text("HOST", host, "Where it is")
        .Port("PORT", port, "Its port")
        .Hidden("PASS", password, "Its password")
        .Choice("KIND", kind, {{"classic", Kind::kClassic}, {"quorum", Kind::kQuorum}},
                "Of queues");
    table.Section("Work")
        .Number("COUNT", count, "How many", 1, 100)
        .Number("SEED", seed, "Of the generator")
        .Real("RATE", rate, "Share", 0, 1)
        .Flag("FLAG", flag, "Whether | or not")
        .Time("TIME", time, "How long", std::chrono::seconds(1))
        .Choice("MIX", mix, {"uniform", "quiet_day"}, "Of events")
        .Path("RULES", rules, "Folder")
        .List("NAMES", names, "Of people");
  }

  std::vector<std::string> Read(Variables variables) {
    std::vector<std::string> texts;
    for (const SettingProblem& problem : table.Read(EnvironmentOf(std::move(variables)))) {
      texts.push_back(problem.ToString());
    }
    return texts;
  }
};

TEST(SettingTable, WithoutVariablesTheDefaultsStay) {
  Program program;
  EXPECT_THAT(program.Read({{"HOST", ""}, {"PORT", ""}}), IsEmpty());
  EXPECT_EQ(program.host, "localhost");
  EXPECT_EQ(program.port, 5672);
  EXPECT_EQ(program.seed, std::nullopt);
  EXPECT_EQ(program.password.Reveal(), "default secret");
}

TEST(SettingTable, VariablesOfEveryTypeReachTheProgram) {
  Program program;
  EXPECT_THAT(program.Read({{"HOST", "broker.example"},
                            {"PORT", "tcp://10.0.0.1:5673"},
                            {"PASS", "p=ss wörd"},
                            {"KIND", "QUORUM"},
                            {"COUNT", "100"},
                            {"SEED", "0"},
                            {"RATE", "0.25"},
                            {"FLAG", "Yes"},
                            {"TIME", "2m"},
                            {"MIX", "quiet_day"},
                            {"RULES", "/etc/rules"},
                            {"NAMES", "x, y"}}),
              IsEmpty());
  EXPECT_EQ(program.host, "broker.example");
  EXPECT_EQ(program.port, 5673);
  EXPECT_EQ(program.password.Reveal(), "p=ss wörd");
  EXPECT_EQ(program.kind, Kind::kQuorum);
  EXPECT_EQ(program.count, 100U);
  EXPECT_EQ(program.seed, 0U);
  EXPECT_EQ(program.rate, 0.25);
  EXPECT_TRUE(program.flag);
  EXPECT_EQ(program.time, std::chrono::minutes(2));
  EXPECT_EQ(program.mix, "quiet_day");
  EXPECT_EQ(program.rules, "/etc/rules");
  EXPECT_THAT(program.names, ElementsAre("x", "y"));
}

TEST(SettingTable, AllProblemsAreSaidAtOnceAndLeaveTheDefaults) {
  Program program;
  EXPECT_THAT(program.Read({{"HOST", "a\nb"},
                            {"PORT", "56x2"},
                            {"PASS", "secret\x01"},
                            {"KIND", "stream"},
                            {"COUNT", "0"},
                            {"SEED", "-1"},
                            {"RATE", "2"},
                            {"FLAG", "maybe"},
                            {"TIME", "500ms"},
                            {"MIX", "loud"}}),
              ElementsAre("HOST (environment): holds a control character",
                          "PORT (environment): '56x2' is not a port (0 to 65535)",
                          "PASS (environment): holds a control character",
                          "KIND (environment): 'stream' is none of classic, quorum",
                          "COUNT (environment): '0' is not between 1 and 100",
                          "SEED (environment): '-1' is not a whole number",
                          "RATE (environment): '2' is not between 0 and 1",
                          "FLAG (environment): 'maybe' is neither true nor false",
                          HasSubstr("TIME (environment): '500ms' is not between 1s and "),
                          "MIX (environment): 'loud' is none of uniform, quiet_day"));
  EXPECT_EQ(program.host, "localhost");
  EXPECT_EQ(program.count, 8U);
  EXPECT_EQ(program.password.Reveal(), "default secret");
}

TEST(SettingTable, MistakesInTheProgramAreReported) {
  SettingTable table;
  std::uint32_t number = 5;
  std::uint32_t other = 1;
  table.Number("N", number, "Too large by default", 1, 4).Number("N", other, "Again");
  const auto problems = table.Read(EnvironmentOf({}));
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].ToString(), "N (default): '5' is not between 1 and 4");
  EXPECT_EQ(problems[1].ToString(), "N (program): is in the table twice");
}

TEST(SettingTable, ConditionsAreAskedOnceEverythingIsRead) {
  Program program;
  int asked = 0;
  program.table.Check("PORT", [&]() -> Status {
    ++asked;
    if (program.port != 1 || program.host != "x") return {};
    return InvalidArgument("is not for x");
  });
  EXPECT_THAT(program.Read({{"PORT", "1"}, {"HOST", "x"}}), ElementsAre("PORT: is not for x"));
  EXPECT_THAT(program.Read({{"PORT", "1"}, {"FLAG", "?"}}), Not(IsEmpty()));
  EXPECT_EQ(asked, 1);
}

TEST(SettingTable, CustomSettingsParseAndShowThemselves) {
  SettingTable table;
  std::string value = "one";
  table.Custom(
      "CUSTOM", "one or two",
      [&](std::string_view text) -> Status {
        if (text != "one" && text != "two") return InvalidArgument("is neither");
        value = text;
        return {};
      },
      [&] { return value; }, "Help");
  EXPECT_TRUE(table.Read(EnvironmentOf({{"CUSTOM", "two"}})).empty());
  EXPECT_EQ(value, "two");
  EXPECT_THAT(table.Print(), HasSubstr("CUSTOM=two\n"));
  EXPECT_EQ(table.Read(EnvironmentOf({{"CUSTOM", "three"}})).at(0).message, "is neither");
}

class SettingFile : public FolderTest {
 protected:
  Program program_;

  std::vector<std::string> Read(const std::string& file, Variables variables = {}) {
    variables.emplace(kFileVariable, file);
    return program_.Read(std::move(variables));
  }
};

TEST_F(SettingFile, CountsWhereTheEnvironmentHasNothing) {
  const std::string file = Write("env", "HOST=from-file\nPORT=1\nFLAG=\n");
  EXPECT_THAT(Read(file, {{"PORT", "2"}, {"HOST", ""}}), IsEmpty());
  EXPECT_EQ(program_.host, "from-file");
  EXPECT_EQ(program_.port, 2);
}

TEST_F(SettingFile, ProblemsNameTheLine) {
  const std::string file = Write("env", "\nPORT=x\nnonsense\n");
  EXPECT_THAT(Read(file), ElementsAre(file + ":3: is not of the form NAME=VALUE",
                                      "PORT (" + file + ":2): 'x' is not a port (0 to 65535)"));
}

TEST_F(SettingFile, ThatCannotBeReadIsAProblem) {
  EXPECT_THAT(Read(PathOf("missing")),
              ElementsAre(HasSubstr("AUDITFLOW_CONFIG_FILE (environment): '" + PathOf("missing"))));
}

TEST_F(SettingFile, NamesThatNobodyKnowsAreToldApart) {
  const std::string file = Write("env", "HOTS=x\nPASS_FILE=\nHOST_FILE=x\nHOST=y\n");
  EXPECT_THAT(Read(file), IsEmpty());
  ASSERT_EQ(program_.table.Unknown().size(), 2U);
  EXPECT_EQ(program_.table.Unknown()[0].ToString(),
            "HOTS (" + file + ":1): is no setting of this program");
  EXPECT_EQ(program_.table.Unknown()[1].setting, "HOST_FILE");
}

TEST_F(SettingFile, SecretsComeFromAFileOfTheirOwn) {
  const std::string secret = Write("secret", " with spaces \r\n");
  EXPECT_THAT(program_.Read({{"PASS_FILE", secret}}), IsEmpty());
  EXPECT_EQ(program_.password.Reveal(), " with spaces ");
  EXPECT_THAT(program_.Read({{"PASS_FILE", secret}, {"PASS", "x"}}),
              ElementsAre("PASS: is set as well as PASS_FILE; use one of them"));
  EXPECT_THAT(program_.Read({{"PASS_FILE", PathOf("no")}}),
              ElementsAre(HasSubstr("PASS: PASS_FILE: '" + PathOf("no") + "': ")));
  EXPECT_THAT(program_.Read({{"PASS_FILE", Write("two", "a\nb\n")}}),
              ElementsAre(HasSubstr("holds a control character")));
}

TEST_F(SettingFile, WhatIsPrintedIsReadBackTheSame) {
  const Variables variables = {{"HOST", R"(a "b" $c \d 'e' #f)"},
                               {"SEED", "7"},
                               {"TIME", "90s"},
                               {"KIND", "quorum"},
                               {"NAMES", "x,y z"}};
  ASSERT_THAT(program_.Read(variables), IsEmpty());
  const std::string printed = program_.table.Print();
  EXPECT_THAT(printed, Not(HasSubstr("default secret")));
  EXPECT_THAT(printed, HasSubstr("PASS=***\n"));
  Program again;
  again.Read({{std::string(kFileVariable), Write("printed", printed)}});
  EXPECT_EQ(again.host, program_.host);
  EXPECT_EQ(again.seed, 7U);
  EXPECT_EQ(again.time, std::chrono::seconds(90));
  EXPECT_EQ(again.kind, Kind::kQuorum);
  EXPECT_EQ(again.names, program_.names);
}

TEST(SettingDocumentation, HasEverySettingWithItsDefaultAndNoSecret) {
  const Program program;
  const std::string help = program.table.Help();
  EXPECT_THAT(help, HasSubstr("Broker:\n  HOST  (text)  [localhost]\n      Where it is\n"));
  EXPECT_THAT(help, HasSubstr("  PASS, PASS_FILE  (secret)  [***]\n"));
  EXPECT_THAT(help, HasSubstr("  COUNT  (number, 1 to 100)  [8]\n"));
  EXPECT_THAT(help, HasSubstr("  SEED  (number)\n"));
  EXPECT_THAT(help, Not(HasSubstr("default secret")));
  const std::string markdown = program.table.Markdown();
  EXPECT_THAT(markdown, HasSubstr("### Work\n\n| variable |"));
  EXPECT_THAT(markdown, HasSubstr("| `FLAG` | true or false | `false` | Whether \\| or not |\n"));
  EXPECT_THAT(markdown, HasSubstr("| `SEED` | number | – | Of the generator |\n"));
  EXPECT_THAT(markdown, Not(HasSubstr("default secret")));
}

TEST(SettingDocumentation, ShowsDefaultsAfterOthersWereRead) {
  Program program;
  EXPECT_THAT(program.Read({{"HOST", "elsewhere"}}), IsEmpty());
  EXPECT_THAT(program.table.Help(), HasSubstr("[localhost]"));
  EXPECT_THAT(program.table.Print(), HasSubstr("# from environment:\nHOST=elsewhere\n"));
}

TEST(SettingDocumentation, WrapsLongHelpAtAHundredColumns) {
  SettingTable table;
  std::string text;
  std::string help;
  for (int i = 0; i < 60; ++i) help += "word ";
  table.Text("T", text, help);
  std::string rest = table.Help();
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    EXPECT_LE(end, 100U);
    rest.erase(0, end + 1);
  }
}

}  // namespace
}  // namespace auditflow::config
