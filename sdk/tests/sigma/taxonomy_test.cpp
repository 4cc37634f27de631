#include "auditflow/sigma/taxonomy.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/sigma/field_map.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::sigma {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kMap = R"(
title: Process
logsource: {product: windows, category: process_creation}
detection: {s: {event.category: process}, condition: s}
auditflow:
  taxonomy: ecs
  logsource: {category: process}
  fields:
    Image: process.executable
    User: [user.name, winlog.user]
    Direction: {from: network.direction, values: {egress: out}}
---
title: Process elsewhere
logsource: {product: linux, category: process_creation}
detection: {s: {event.category: process}, condition: s}
auditflow: {taxonomy: ecs, logsource: {category: process}, fields: {LinuxImage: process.executable}}
---
title: File
logsource: {product: windows, category: file_event}
detection: {s: {event.category: file}, condition: s}
auditflow: {taxonomy: ecs, fields: {TargetFilename: file.path, Creator: process.executable}}
---
title: Beats
logsource: {product: windows}
detection: {s: {winlog.channel|exists: true}, condition: s}
auditflow: {taxonomy: winlogbeat, fields: {EventID: winlog.event_id, '*': winlog.event_data.*}}
---
title: No taxonomy
logsource: {product: windows, category: process_creation}
detection: {s: {a: b}, condition: s}
auditflow: {fields: {Wrong: process.executable}}
)";

std::vector<std::string> Texts(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> texts;
  for (const Diagnostic& diagnostic : diagnostics) texts.push_back(diagnostic.ToString());
  return texts;
}

std::shared_ptr<const Taxonomies> Read(std::string_view map, std::vector<Diagnostic>& diagnostics) {
  const LoadResult loaded = LoadText(map, "map.yml");
  EXPECT_FALSE(HasErrors(loaded.diagnostics));
  auto taxonomies = std::make_shared<Taxonomies>();
  taxonomies->Add(loaded.rules.detections, diagnostics);
  return taxonomies;
}

LinkResult LinkWith(std::string_view rules) {
  std::vector<Diagnostic> diagnostics;
  LinkOptions options;
  options.taxonomies = Read(kMap, diagnostics);
  EXPECT_THAT(Texts(diagnostics), IsEmpty());
  return Link(LoadText(rules, "rule.yml").rules, options);
}

std::string Rule(std::string_view taxonomy, std::string_view logsource, std::string_view items) {
  return "title: T\ntaxonomy: " + std::string(taxonomy) + "\nlogsource: " + std::string(logsource) +
         "\ndetection:\n  s: " + std::string(items) + "\n  condition: s\n";
}

/// product/category/service, then the fields of the first search identifier.
std::vector<std::string> NamesIn(const DetectionRule& rule) {
  const LogSource& source = rule.logsource;
  std::vector<std::string> names = {source.product + "/" + source.category + "/" + source.service};
  for (const auto& child : rule.detections.front().second.children) {
    names.push_back(std::get<DetectionItem>(child).field);
  }
  return names;
}

struct TranslationCase {
  std::string name;
  std::string taxonomy;
  std::string logsource;
  std::string items;
  std::vector<std::string> expected;
};

class TaxonomyTranslation : public testing::TestWithParam<TranslationCase> {};

TEST_P(TaxonomyTranslation, GivesSigmasNames) {
  const TranslationCase& test = GetParam();
  const LinkResult result = LinkWith(Rule(test.taxonomy, test.logsource, test.items));
  ASSERT_EQ(result.linked.rules.detections.size(), 1U) << Texts(result.diagnostics).front();
  EXPECT_EQ(NamesIn(result.linked.rules.detections[0]), test.expected);
  EXPECT_THAT(Texts(result.diagnostics), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TaxonomyTranslation,
    testing::Values(TranslationCase{"SigmasLogsource",
                                    "ecs",
                                    "{product: windows, category: process_creation}",
                                    "{process.executable: a, user.name: b, winlog.user: c}",
                                    {"windows/process_creation/", "Image", "User", "User"}},
                    TranslationCase{"ItsOwnLogsource",
                                    "ecs",
                                    "{product: windows, category: process}",
                                    "{process.executable: a}",
                                    {"windows/process_creation/", "Image"}},
                    TranslationCase{"TheProductDecidesWhichLog",
                                    "ecs",
                                    "{product: linux, category: process}",
                                    "{process.executable: a}",
                                    {"linux/process_creation/", "LinuxImage"}},
                    TranslationCase{"APartThatTheRuleDoesNotNameStaysOut",
                                    "ecs",
                                    "{category: process}",
                                    "{process.executable: a}",
                                    {"/process_creation/", "Image"}},
                    TranslationCase{"AnotherServiceIsAnotherLog",
                                    "ecs",
                                    "{category: process, service: x}",
                                    "{process.executable: a}",
                                    {"/process/x", "Image"}},
                    TranslationCase{"ItsLogsFieldsComeFirst",
                                    "ecs",
                                    "{product: windows, category: file_event}",
                                    "{process.executable: a, file.path: b, user.name: c}",
                                    {"windows/file_event/", "Creator", "TargetFilename", "User"}},
                    TranslationCase{"AStarStandsForTheRestOfTheName",
                                    "winlogbeat",
                                    "{product: windows, service: security}",
                                    "{winlog.event_id: 1, winlog.event_data.LogonType: 3}",
                                    {"windows//security", "EventID", "LogonType"}},
                    TranslationCase{"ANameWithOtherValuesStays",
                                    "ecs",
                                    "{product: windows, category: process}",
                                    "{network.direction: egress}",
                                    {"windows/process_creation/", "network.direction"}},
                    TranslationCase{"ModifiersStay",
                                    "ecs",
                                    "{product: windows}",
                                    "{process.executable|endswith: x}",
                                    {"windows//", "Image"}}),
    [](const auto& test) { return test.param.name; });

TEST(Taxonomy, AnUnknownFieldStaysAndIsWarnedOfOnce) {
  const LinkResult result =
      LinkWith(Rule("ecs", "{product: windows}", "{event.type: a, event.type|exists: true}"));
  EXPECT_EQ(NamesIn(result.linked.rules.detections.at(0))[1], "event.type");
  EXPECT_THAT(Texts(result.diagnostics),
              ElementsAre("rule.yml:5:7: warning: the taxonomy 'ecs' has no name of Sigma's for "
                          "'event.type'; it is looked for as it is written [taxonomy-field]"));
}

TEST(Taxonomy, AnUnknownOneIsRefusedAtItsPlaceWithThoseThatAreKnown) {
  const LinkResult result = LinkWith(Rule("ocsf", "{product: windows}", "{a: b}"));
  EXPECT_THAT(result.linked.rules.detections, IsEmpty());
  EXPECT_THAT(Texts(result.diagnostics),
              ElementsAre("rule.yml:2:11: unsupported: the taxonomy 'ocsf' is not known; known are "
                          "'sigma', 'ecs', 'winlogbeat' [taxonomy-unmapped]"));
}

TEST(Taxonomy, WithoutAnyOnlySigmaIsKnown) {
  const LinkResult result =
      Link(LoadText(Rule("ecs", "{product: windows}", "{a: b}"), "rule.yml").rules);
  EXPECT_THAT(Texts(result.diagnostics),
              ElementsAre("rule.yml:2:11: unsupported: the taxonomy 'ecs' is not known; known are "
                          "'sigma' [taxonomy-unmapped]"));
}

TEST(Taxonomy, CorrelationsAndFiltersOfAnUnknownOneAreRefused) {
  const LinkResult result = LinkWith(R"(
title: A
name: a
logsource: {product: windows}
detection: {s: {a: b}, condition: s}
---
title: C
taxonomy: ocsf
correlation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}}
---
title: F
taxonomy: ocsf
logsource: {product: windows}
filter: {rules: [a], s: {a: b}, condition: not s}
)");
  EXPECT_THAT(result.linked.rules.correlations, IsEmpty());
  EXPECT_THAT(result.linked.rules.filters, IsEmpty());
  EXPECT_EQ(result.diagnostics.size(), 2U);
  EXPECT_TRUE(result.linked.detection_outputs.at(0));
}

TEST(Taxonomy, ATranslatedRuleCanBeLinkedAgain) {
  LinkResult once =
      LinkWith(Rule("ecs", "{product: windows, category: process}", "{process.executable: a}"));
  const LinkResult twice = Link(std::move(once.linked.rules));
  EXPECT_THAT(Texts(twice.diagnostics), IsEmpty());
  EXPECT_EQ(NamesIn(twice.linked.rules.detections.at(0))[1], "Image");
}

struct BlockCase {
  std::string name;
  std::string block;
  std::string expected;
};

class MalformedBlock : public testing::TestWithParam<BlockCase> {
 protected:
  static std::string Document(const std::string& block) {
    return "title: T\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}\n"
           "auditflow: " +
           block + "\n";
  }
};
class MalformedTaxonomy : public MalformedBlock {};
class MalformedFields : public MalformedBlock {};

TEST_P(MalformedTaxonomy, IsReportedAtItsPlaceAndNotUsed) {
  std::vector<Diagnostic> diagnostics;
  const auto taxonomies = Read(Document(GetParam().block), diagnostics);
  EXPECT_THAT(Texts(diagnostics), ElementsAre("map.yml:" + GetParam().expected));
  EXPECT_EQ(taxonomies->Names(), "'sigma'");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MalformedTaxonomy,
    testing::Values(
        BlockCase{"NoName", "{taxonomy: 7}",
                  "4:23: error: auditflow.taxonomy must be the name of a taxonomy other than sigma "
                  "[invalid-taxonomy]"},
        BlockCase{"Sigma", "{taxonomy: sigma}",
                  "4:23: error: auditflow.taxonomy must be the name of a taxonomy other than sigma "
                  "[invalid-taxonomy]"},
        BlockCase{"LogsourceAlone", "{logsource: {category: x}}",
                  "4:24: error: auditflow.logsource needs auditflow.taxonomy [invalid-taxonomy]"},
        BlockCase{"LogsourceIsText", "{taxonomy: t, logsource: x}",
                  "4:37: error: auditflow.logsource must be a map of product, category or service "
                  "[invalid-taxonomy]"},
        BlockCase{"UnknownPart", "{taxonomy: t, logsource: {class: x}}",
                  "4:45: error: auditflow.logsource.class is not known; product, category and "
                  "service are [invalid-taxonomy]"},
        BlockCase{"PartIsAList", "{taxonomy: t, logsource: {category: [x]}}",
                  "4:48: error: auditflow.logsource.category must be a string "
                  "[invalid-taxonomy]"}),
    [](const auto& test) { return test.param.name; });

TEST_P(MalformedFields, AreReportedAtTheirPlaceAndNotUsed) {
  const LoadResult loaded = LoadText(Document(GetParam().block), "map.yml");
  std::vector<Diagnostic> diagnostics;
  EXPECT_THAT(ReadFieldAliases(loaded.rules.detections.at(0).metadata, diagnostics), IsEmpty());
  EXPECT_THAT(Texts(diagnostics),
              ElementsAre("map.yml:" + GetParam().expected + " [invalid-field-map]"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MalformedFields,
    testing::Values(
        BlockCase{"BlockIsText", "fields", "4:12: error: auditflow must be a map"},
        BlockCase{"BlockIsAList", "[fields]", "4:12: error: auditflow must be a map"},
        BlockCase{"BlockIsEmpty", "~", "4:12: error: auditflow must be a map"},
        BlockCase{"UnknownKey", "{field: {A: b}}",
                  "4:20: error: auditflow.field is not known in a logsource map"},
        BlockCase{"FieldsAreText", "{fields: A}", "4:21: error: auditflow.fields must be a map"},
        BlockCase{"FieldsAreAList", "{fields: [{A: b}]}",
                  "4:21: error: auditflow.fields must be a map"},
        BlockCase{"SourceIsANumber", "{fields: {A: 7}}",
                  "4:25: error: auditflow.fields.A must be a field name or a list of them"},
        BlockCase{"SourceIsEmpty", "{fields: {A: ''}}",
                  "4:25: error: auditflow.fields.A must be a field name or a list of them"},
        BlockCase{"EmptyList", "{fields: {A: []}}",
                  "4:25: error: auditflow.fields.A must be a field name or a list of them"},
        BlockCase{"NeitherFromNorText", "{fields: {A: {values: {x: y}}}}",
                  "4:25: error: auditflow.fields.A needs from or text"},
        BlockCase{"FromIsANumber", "{fields: {A: {from: 7}}}",
                  "4:32: error: auditflow.fields.A.from must be a field name or a list of them"},
        BlockCase{"TextWithoutAField", "{fields: {A: {text: 'a%%b'}}}",
                  "4:32: error: auditflow.fields.A.text must be a text with 1 to 16 fields as "
                  "%name%, or a list of them"},
        BlockCase{"TextWithALonePercentSign", "{fields: {A: {text: ['%b%', '%b% %']}}}",
                  "4:32: error: auditflow.fields.A.text must be a text with 1 to 16 fields as "
                  "%name%, or a list of them"},
        BlockCase{"NoTexts", "{fields: {A: {text: []}}}",
                  "4:32: error: auditflow.fields.A.text must be a text with 1 to 16 fields as "
                  "%name%, or a list of them"},
        BlockCase{"TextOfEveryField", "{fields: {'*': {text: '%b%'}}}",
                  "4:34: error: auditflow.fields.*.text cannot be of every field"},
        BlockCase{"InsteadIsText", "{fields: {A: {from: b, instead: always}}}",
                  "4:44: error: auditflow.fields.A.instead must be true or false"},
        BlockCase{"ValuesAreAList", "{fields: {A: {from: b, values: [x]}}}",
                  "4:43: error: auditflow.fields.A.values must be a map of values to names"},
        BlockCase{"AValueIsAList", "{fields: {A: {from: b, values: {x: [y]}}}}",
                  "4:43: error: auditflow.fields.A.values must be a map of values to names"},
        BlockCase{"UnknownKeyOfAField", "{fields: {A: {from: b, test: c}}}",
                  "4:41: error: auditflow.fields.A.test is not known; from, text, values and "
                  "instead are"},
        BlockCase{"ListOfLists", "{fields: {A: [b, [c]]}}",
                  "4:25: error: auditflow.fields.A must be a field name or a list of them"}),
    [](const auto& test) { return test.param.name; });

TEST(FieldText, IsMadeOfTextAndFields) {
  const auto text = ParseFieldText(R"(100%%: %Domain%\%User%!)");
  ASSERT_TRUE(text);
  ASSERT_EQ(text->parts.size(), 3U);
  EXPECT_EQ(text->parts[0].before, "100%: ");
  EXPECT_EQ(text->parts[0].field, "Domain");
  EXPECT_EQ(text->parts[1].before, "\\");
  EXPECT_EQ(text->parts[1].field, "User");
  EXPECT_EQ(text->parts[2].before, "!");
  EXPECT_EQ(text->parts[2].field, "");
}

TEST(FieldText, HasSixteenFieldsAtMost) {
  std::string text;
  for (int i = 0; i < 16; ++i) text += "%a%";
  EXPECT_TRUE(ParseFieldText(text));
  EXPECT_FALSE(ParseFieldText(text + "%a%"));
}

}  // namespace
}  // namespace auditflow::sigma
