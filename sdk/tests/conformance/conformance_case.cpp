#include "tests/conformance/conformance_case.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "auditflow/sigma/yaml.hpp"

namespace auditflow::conformance {
namespace {

using sigma::Node;

std::string TextOf(const Node& map, std::string_view key) {
  const Node* value = map.Find(key);
  return value != nullptr ? value->text : "";
}

std::vector<std::string> TextsOf(const Node& list) {
  std::vector<std::string> texts;
  for (const Node& item : list.items) texts.push_back(item.text);
  return texts;
}

CaseOptions ReadOptions(const Node& given) {
  CaseOptions options;
  if (const Node* placeholders = given.Find("placeholders")) {
    for (const auto& [name, location, values] : placeholders->members) {
      options.compile.placeholders[name] = TextsOf(values);
    }
  }
  if (const Node* taxonomies = given.Find("taxonomies")) {
    auto read = std::make_shared<sigma::Taxonomies>();
    for (const auto& [name, location, fields] : taxonomies->members) {
      sigma::TaxonomyEntry entry;
      for (const auto& [field, place, sigmas] : fields.members) {
        entry.fields.emplace_back(field, sigmas.text);
      }
      read->Add(name, std::move(entry));
    }
    options.link.taxonomies = std::move(read);
  }
  if (TextOf(given, "filters") == "suppress") options.link.filters = sigma::FilterMode::kSuppress;
  if (TextOf(given, "repeat") == "every") options.correlation.repeat = correlate::Repeat::kEvery;
  if (TextOf(given, "missing_group_field") == "null") {
    options.correlation.missing_group_field = correlate::MissingGroupField::kNull;
  }
  if (given.Find("allowed_lateness") != nullptr) {
    options.correlation.allowed_lateness =
        ParseDuration(TextOf(given, "allowed_lateness")).value_or(Duration(-1));
  }
  return options;
}

CaseEvent ReadEvent(const Node& entry) {
  CaseEvent event;
  event.json = TextOf(entry, "event");
  if (const Node* match = entry.Find("match")) {
    if (match->kind == Node::Kind::kBool) {
      event.last_rule_matches = match->boolean;
    } else {
      event.matching_titles = TextsOf(*match);
    }
  }
  if (const Node* output = entry.Find("output")) event.output_titles = TextsOf(*output);
  return event;
}

std::vector<CaseHit> ReadHits(const Node& list) {
  std::vector<CaseHit> hits;
  for (const Node& hit : list.items) {
    const Node* event = hit.Find("event");
    hits.push_back({TextOf(hit, "rule"), event == nullptr
                                             ? std::string::npos
                                             : static_cast<std::size_t>(event->integer)});
  }
  return hits;
}

Case ReadCase(const Node& node) {
  Case test;
  test.name = TextOf(node, "name");
  test.rule = TextOf(node, "rule");
  test.error = TextOf(node, "error");
  test.warning = TextOf(node, "warning");
  test.line = node.location.line;
  if (const Node* options = node.Find("options")) test.options = ReadOptions(*options);
  if (const Node* events = node.Find("events")) {
    for (const Node& entry : events->items) test.events.push_back(ReadEvent(entry));
  }
  if (const Node* hits = node.Find("hits")) test.hits = ReadHits(*hits);
  return test;
}

Suite LoadSuite(const std::filesystem::path& file) {
  Suite suite{file.stem().string(), file, {}, {}};
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const sigma::YamlResult yaml = sigma::LoadYaml(text, file.string());
  for (const auto& diagnostic : yaml.diagnostics) suite.fault += diagnostic.ToString() + "\n";
  const Node* cases = yaml.documents.size() == 1 ? yaml.documents.front().Find("cases") : nullptr;
  if (cases == nullptr || cases->items.empty()) {
    suite.fault += "no cases in " + file.string();
    return suite;
  }
  for (const Node& node : cases->items) suite.cases.push_back(ReadCase(node));
  return suite;
}

}  // namespace

std::vector<Suite> LoadSuites(const std::filesystem::path& folder) {
  std::vector<Suite> suites;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yml") suites.push_back(LoadSuite(entry.path()));
  }
  std::sort(suites.begin(), suites.end(),
            [](const Suite& a, const Suite& b) { return a.name < b.name; });
  return suites;
}

}  // namespace auditflow::conformance
