// Rule packages with logsource maps: what is routed, and what is said of rules that cannot be.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/pipeline/rule_test.hpp"

namespace auditflow::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kRules = R"(
title: Known
logsource: {product: windows, category: process_creation}
detection: {s: {a: x}, condition: s}
---
title: First of a logsource that no entry leads to
logsource: {product: jvm, category: application}
detection: {s: {a: x}, condition: s}
---
title: Second of it
logsource: {product: jvm, category: application}
detection: {s: {a: y}, condition: s}
)";

constexpr std::string_view kMap = R"(
title: Process creation
logsource: {product: windows, category: process_creation, service: security}
detection: {s: {Channel: Security, EventID: 4688}, condition: s}
)";

constexpr std::string_view kStated = R"(
title: Stated
logsource: {product: '%product%', category: '%category%', service: '%service%'}
detection: {s: {product|exists: true}, condition: s}
)";

class RuleRouting : public testing::Test {
 protected:
  RuleRouting() {
    std::string name = testing::TempDir() + "auditflow-routing-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    Write("rules.yml", kRules);
  }
  ~RuleRouting() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void Write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
  }

  [[nodiscard]] RulePackageOptions WithMaps() const {
    RulePackageOptions options;
    options.logsource_maps = {folder_};
    return options;
  }
  [[nodiscard]] std::shared_ptr<const RulePackage> Load() const {
    return LoadRulePackage({folder_}, WithMaps());
  }

  static std::vector<std::string> Messages(const RulePackage& package) {
    std::vector<std::string> messages;
    for (const sigma::Diagnostic& diagnostic : package.diagnostics) {
      messages.push_back(diagnostic.ToString());
    }
    return messages;
  }
  static std::size_t Matches(const RulePackage& package, std::string_view json) {
    const auto event = event::EventParser().Parse(json);
    EXPECT_TRUE(event) << event.error().ToString();
    return match::Matcher(package.rule_set).Match(*event).size();
  }

  fs::path folder_;
};

TEST_F(RuleRouting, AsksRulesOnlyOfEventsOfTheirLogsource) {
  Write("windows.logsource.yml", kMap);
  const auto package = Load();
  EXPECT_EQ(package->rule_count(), 3U) << "a map is no rule";
  EXPECT_EQ(package->files, 1U);
  EXPECT_EQ(Matches(*package, R"({"Channel":"Security","EventID":4688,"a":"x"})"), 1U);
  EXPECT_EQ(Matches(*package, R"({"a":"x"})"), 0U);
}

TEST_F(RuleRouting, AsksEveryRuleOfEveryEventWithoutMaps) {
  Write("windows.logsource.yml", kMap);
  const auto package = LoadRulePackage({folder_});
  EXPECT_EQ(package->routed_detections, std::nullopt);
  EXPECT_EQ(Matches(*package, R"({"a":"x"})"), 2U);
  EXPECT_THAT(Messages(*package), IsEmpty());
}

TEST_F(RuleRouting, WarnsOnceOfALogsourceThatNoEntryLeadsTo) {
  Write("windows.logsource.yml", kMap);
  const auto package = Load();
  EXPECT_EQ(package->routed_detections, 1U);
  EXPECT_THAT(
      Messages(*package),
      ElementsAre((folder_ / "rules.yml").string() +
                  ":7:12: warning: no logsource map leads to product 'jvm', category "
                  "'application': with routing its 2 rules never match [logsource-unmapped]"));
}

TEST_F(RuleRouting, SaysIfEventsMayStateTheLogsourceThemselves) {
  Write("windows.logsource.yml", kMap);
  Write("stated.logsource.yml", kStated);
  const auto package = Load();
  EXPECT_EQ(package->routed_detections, 1U);
  EXPECT_THAT(Messages(*package),
              ElementsAre(HasSubstr("its 2 rules match only events that state it themselves")));
  EXPECT_EQ(Matches(*package, R"({"product":"jvm","category":"application","a":"x"})"), 1U);
}

TEST_F(RuleRouting, AnEntryThatTakesOnePartFromTheEventLeadsToItsOthers) {
  Write("jvm.logsource.yml",
        "title: T\nlogsource: {product: jvm, category: '%kind%'}\n"
        "detection: {s: {kind|exists: true}, condition: s}\n");
  Write("windows.logsource.yml", kMap);
  const auto package = Load();
  EXPECT_EQ(package->routed_detections, 3U);
  EXPECT_THAT(Messages(*package), IsEmpty());
}

TEST_F(RuleRouting, ReportsFaultsOfMapsWithTheirPlaceAndUsesTheRest) {
  Write("windows.logsource.yml", std::string(kMap) + "---\ntitle: T\nlogsource: {product: jvm}\n" +
                                     "detection: {s: {a|nonsense: 1}, condition: s}\n");
  const auto package = Load();
  ASSERT_FALSE(package->diagnostics.empty());
  EXPECT_THAT(Messages(*package), testing::Contains(HasSubstr("windows.logsource.yml:8:")));
  EXPECT_TRUE(sigma::HasErrors(package->diagnostics));
  EXPECT_EQ(package->routed_detections, 1U);
}

TEST_F(RuleRouting, TakesDetectionsOnly) {
  Write("windows.logsource.yml",
        std::string(kMap) + "---\ntitle: C\nlogsource: {product: jvm}\n" +
            "correlation: {type: event_count, rules: [x], timespan: 1m, condition: {gte: 2}}\n");
  EXPECT_THAT(Messages(*Load()), testing::Contains(HasSubstr("holds detections only")));
}

TEST_F(RuleRouting, WithoutAUsableMapEveryRuleIsAskedAndThatIsAnError) {
  const auto package = Load();
  EXPECT_THAT(Messages(*package), ElementsAre(HasSubstr("[no-logsource-map]")));
  EXPECT_TRUE(sigma::HasErrors(package->diagnostics));
  EXPECT_EQ(package->routed_detections, std::nullopt);
  EXPECT_EQ(Matches(*package, R"({"a":"x"})"), 2U);
}

TEST_F(RuleRouting, RulesOfATaxonomySeeItsEventsAndSigmas) {
  Write("process.logsource.yml", R"(
title: Theirs
logsource: {product: windows, category: process_creation}
detection: {s: {kind: process}, condition: s}
auditflow: {taxonomy: theirs, logsource: {category: process}, fields: {Image: proc.path}}
---
title: Sysmon
logsource: {product: windows, category: process_creation}
detection: {s: {EventID: 1}, condition: s}
)");
  Write("rules.yml",
        "title: R\ntaxonomy: theirs\nlogsource: {category: process}\n"
        "detection: {s: {proc.path: x}, condition: s}\n");
  RulePackageOptions options = WithMaps();
  options.taxonomies = options.logsource_maps;
  const auto routed = LoadRulePackage({folder_}, options);
  EXPECT_THAT(Messages(*routed), IsEmpty());
  EXPECT_EQ(Matches(*routed, R"({"kind":"process","proc":{"path":"x"}})"), 1U);
  EXPECT_EQ(Matches(*routed, R"({"EventID":1,"Image":"x"})"), 1U);
  EXPECT_EQ(Matches(*routed, R"({"EventID":2,"Image":"x"})"), 0U);
  options.logsource_maps.clear();
  EXPECT_EQ(Matches(*LoadRulePackage({folder_}, options), R"({"EventID":2,"Image":"x"})"), 1U);
  EXPECT_THAT(Messages(*Load()), testing::Contains(HasSubstr("taxonomy-unmapped")));
}

TEST_F(RuleRouting, TestFilesCanBeRunWithRouting) {
  Write("windows.logsource.yml", kMap);
  Write("known.yml",
        "title: K\nlogsource: {product: windows}\ndetection: {s: {a: x}, condition: s}\n"
        "auditflow: {rule_id: K-1}\n");
  Write("known.test.yml",
        "rules: [known.yml]\ncases:\n"
        "  - name: fires\n    events: [{Channel: Security, EventID: 4688, a: x}]\n"
        "    alerts: [{rule_id: K-1}]\n"
        "  - name: is routed\n    events: [{a: x}]\n    alerts: []\n");
  const fs::path file = folder_ / "known.test.yml";
  EXPECT_EQ(RunRuleTest(file, WithMaps()).passed(), 2U);
  EXPECT_EQ(RunRuleTest(file).passed(), 1U);
}

}  // namespace
}  // namespace auditflow::pipeline
