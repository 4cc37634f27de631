// Which logsources the shipped maps give to real-looking events. Each *.yml beside this file is a
// list of cases:
//
//   - name: unique in its file
//     event: {…}                       # or events: [{…}, …], all with the same logsources
//     logsources: [product/category/service, …]   # exactly these; "windows//security" has no
//     category
//     fields: {NAME: VALUE, …}         # what rules see in these fields of each event, perhaps
//     not_fields: {NAME: VALUE, …}     # and what they do not
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"
#include "auditflow/sigma/yaml.hpp"

namespace auditflow {
namespace {

namespace fs = std::filesystem;

std::string PartOf(const std::string& part, const event::Event& event) {
  if (part.size() < 3 || part.front() != '%' || part.back() != '%') return part;
  return event::TextAt(event, part.substr(1, part.size() - 2)).value_or("");
}

/// The shipped maps, asked as rules.
class Maps {
 public:
  Maps() {
    sigma::LoadResult loaded = sigma::LoadLogsourceMaps({AUDITFLOW_LOGSOURCE_MAPS});
    sigma::LinkResult link = sigma::Link(std::move(loaded.rules));
    map_ = std::make_shared<const sigma::LinkedRules>(std::move(link.linked));
    match::CompileResult compiled = match::RuleSet::Compile(*map_);
    for (const auto* found : {&loaded.diagnostics, &link.diagnostics, &compiled.diagnostics}) {
      diagnostics_.insert(diagnostics_.end(), found->begin(), found->end());
    }
    matcher_ = std::make_unique<match::Matcher>(compiled.rule_set);
  }

  [[nodiscard]] const std::vector<sigma::Diagnostic>& diagnostics() const { return diagnostics_; }
  [[nodiscard]] std::shared_ptr<const sigma::LinkedRules> map() const { return map_; }
  [[nodiscard]] const std::vector<sigma::DetectionRule>& documents() const {
    return map_->rules.detections;
  }
  std::vector<match::RuleIndex> Holding(const event::Event& event) {
    const auto found = matcher_->Match(event);
    return {found.begin(), found.end()};
  }
  /// "product/category/service", each once.
  std::set<std::string> LogsourcesOf(const event::Event& event) {
    std::set<std::string> logsources;
    for (const match::RuleIndex document : Holding(event)) {
      const sigma::LogSource& source = documents()[document].logsource;
      logsources.insert(PartOf(source.product, event) + '/' + PartOf(source.category, event) + '/' +
                        PartOf(source.service, event));
    }
    return logsources;
  }

 private:
  std::shared_ptr<const sigma::LinkedRules> map_;
  std::vector<sigma::Diagnostic> diagnostics_;
  std::unique_ptr<match::Matcher> matcher_;
};

struct Case {
  std::string name;  ///< with file and line
  std::vector<event::Event> events;
  std::set<std::string> logsources;
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::pair<std::string, std::string>> not_fields;
};

std::string JsonOf(const event::Event& event) {
  std::string json;
  event::AppendJson(event.root(), event, json);
  return json;
}

event::Event EventOf(const sigma::Node& node) {
  std::string json;
  sigma::AppendJson(node, json);
  auto event = event::EventParser().Parse(json);
  EXPECT_TRUE(event.has_value()) << node.location.ToString();
  return event ? std::move(*event) : event::Event();
}

std::vector<std::pair<std::string, std::string>> ReadFields(const sigma::Node* node) {
  std::vector<std::pair<std::string, std::string>> fields;
  if (node == nullptr) return fields;
  for (const sigma::Node::Member& member : node->members) {
    fields.emplace_back(member.key, member.value.text);
  }
  return fields;
}

Case ReadCase(const sigma::Node& node) {
  Case read;
  const sigma::Node* name = node.Find("name");
  read.name = node.location.ToString() + ": " + (name == nullptr ? "?" : name->text);
  if (const sigma::Node* event = node.Find("event")) read.events.push_back(EventOf(*event));
  if (const sigma::Node* events = node.Find("events")) {
    for (const sigma::Node& event : events->items) read.events.push_back(EventOf(event));
  }
  EXPECT_FALSE(read.events.empty()) << read.name;
  const sigma::Node* logsources = node.Find("logsources");
  EXPECT_NE(logsources, nullptr) << read.name;
  if (logsources == nullptr) return read;
  for (const sigma::Node& item : logsources->items) read.logsources.insert(item.text);
  read.fields = ReadFields(node.Find("fields"));
  read.not_fields = ReadFields(node.Find("not_fields"));
  return read;
}

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(AUDITFLOW_LOGSOURCE_CASES)) {
    if (entry.path().extension() != ".yml") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const sigma::YamlResult yaml = sigma::LoadYaml(text, entry.path().filename().string());
    EXPECT_FALSE(sigma::HasErrors(yaml.diagnostics)) << yaml.diagnostics.front().ToString();
    for (const sigma::Node& list : yaml.documents) {
      for (const sigma::Node& node : list.items) cases.push_back(ReadCase(node));
    }
  }
  return cases;
}

class LogsourceMaps : public testing::Test {
 protected:
  Maps maps_;
  std::vector<Case> cases_ = ReadCases();
};

TEST_F(LogsourceMaps, AreFreeOfFaults) {
  for (const sigma::Diagnostic& diagnostic : maps_.diagnostics()) {
    ADD_FAILURE() << diagnostic.ToString();
  }
  EXPECT_FALSE(maps_.documents().empty());
}

TEST_F(LogsourceMaps, GiveEachEventExactlyItsLogsources) {
  for (const Case& one : cases_) {
    for (const event::Event& event : one.events) {
      EXPECT_EQ(maps_.LogsourcesOf(event), one.logsources) << one.name << ": " << JsonOf(event);
    }
  }
}

TEST_F(LogsourceMaps, EachHaveAnEventThatTheyApplyTo) {
  std::set<match::RuleIndex> shown;
  for (const Case& one : cases_) {
    for (const event::Event& event : one.events) {
      const auto holding = maps_.Holding(event);
      shown.insert(holding.begin(), holding.end());
    }
  }
  for (match::RuleIndex i = 0; i < maps_.documents().size(); ++i) {
    const sigma::Metadata& document = maps_.documents()[i].metadata;
    EXPECT_TRUE(shown.contains(i)) << document.location.ToString() << ": " << document.title;
  }
}

/// Rules about what fields of routed events hold, one for each field and value.
class FieldRules {
 public:
  explicit FieldRules(std::shared_ptr<const sigma::LinkedRules> map) {
    options_.logsource_map = std::move(map);
  }

  void Add(const std::string& field, const std::string& value) {
    std::string quoted;
    for (const char c : value) quoted.append(c == '\'' ? 2U : 1U, c);
    rules_ += "title: T\nlogsource: {product: windows}\ndetection: {s: {" + field + ": '" + quoted +
              "'}, condition: s}\n---\n";
    ++count_;
  }

  [[nodiscard]] match::Matcher Compile() const {
    sigma::LinkResult link = sigma::Link(sigma::LoadText(rules_, "fields.yml").rules);
    match::CompileResult compiled = match::RuleSet::Compile(link.linked, options_);
    EXPECT_EQ(compiled.rule_set->rule_count(), count_);
    return match::Matcher(compiled.rule_set);
  }

 private:
  match::CompileOptions options_;
  std::string rules_;
  std::size_t count_ = 0;
};

TEST_F(LogsourceMaps, ShowRulesTheFieldsThatTheyAskAbout) {
  FieldRules rules(maps_.map());
  for (const Case& one : cases_) {
    for (const auto& [field, value] : one.fields) rules.Add(field, value);
    for (const auto& [field, value] : one.not_fields) rules.Add(field, value);
  }
  match::Matcher matcher = rules.Compile();
  std::size_t checked = 0;
  std::size_t end = 0;
  for (const Case& one : cases_) {
    const std::size_t begin = end;
    end += one.fields.size() + one.not_fields.size();
    for (const event::Event& event : one.events) {
      const auto found = matcher.Match(event);
      for (std::size_t rule = begin; rule < end; ++rule) {
        const std::size_t at = rule - begin;
        const bool wanted = at < one.fields.size();
        const auto& [field, value] =
            wanted ? one.fields[at] : one.not_fields[at - one.fields.size()];
        EXPECT_EQ(std::binary_search(found.begin(), found.end(), rule), wanted)
            << one.name << ": " << field << ": " << value << ": " << JsonOf(event);
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 200U);
}

}  // namespace
}  // namespace auditflow
