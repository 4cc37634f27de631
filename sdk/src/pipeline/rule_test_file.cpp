#include "src/pipeline/rule_test_file.hpp"

#include <algorithm>
#include <set>

#include "auditflow/sigma/yaml.hpp"

namespace auditflow::pipeline {
namespace {

using sigma::Node;

class TestFileReader {
 public:
  TestFileReader(const std::filesystem::path& file, RuleTestFile& out) : file_(file), out_(out) {}

  void Read(const Node& root) {
    if (!IsMap(root, "a rule test")) return;
    CheckKeys(root, {"rules", "cases"});
    ReadRules(root);
    ReadCases(root);
  }

  void Fail(const sigma::SourceLocation& location, std::string message) {
    out_.diagnostics.push_back(
        {sigma::DiagnosticKind::kInvalid, location, "rule-test", std::move(message)});
  }

 private:
  bool IsMap(const Node& node, const std::string& what) {
    if (node.kind == Node::Kind::kMap) return true;
    Fail(node.location, what + " has to be a map");
    return false;
  }

  void CheckKeys(const Node& map, const std::vector<std::string_view>& known) {
    for (const Node::Member& member : map.members) {
      if (std::find(known.begin(), known.end(), member.key) == known.end()) {
        Fail(member.key_location, "unknown key '" + member.key + "'");
      }
    }
  }

  /// The list under `key`; null, with a diagnostic, if there is none.
  const Node* ListAt(const Node& map, const std::string& key) {
    const Node* list = map.Find(key);
    if (list != nullptr && list->kind == Node::Kind::kSequence) return list;
    Fail(list != nullptr ? list->location : map.location, "'" + key + "' has to be a list");
    return nullptr;
  }

  void ReadRules(const Node& root) {
    const Node* rules = ListAt(root, "rules");
    if (rules == nullptr) return;
    if (rules->items.empty()) Fail(rules->location, "'rules' names no file");
    for (const Node& rule : rules->items) {
      if (rule.kind == Node::Kind::kString && !rule.text.empty()) {
        out_.rules.push_back(file_.parent_path() / rule.text);
      } else {
        Fail(rule.location, "'rules' holds names of files");
      }
    }
  }

  void ReadCases(const Node& root) {
    const Node* cases = ListAt(root, "cases");
    if (cases == nullptr) return;
    if (cases->items.empty()) Fail(cases->location, "'cases' is empty");
    for (const Node& item : cases->items) ReadCase(item);
  }

  void ReadCase(const Node& node) {
    if (!IsMap(node, "a case")) return;
    CheckKeys(node, {"name", "events", "alerts"});
    RuleTestFile::Case test;
    test.location = node.location;
    test.name = ReadName(node);
    test.events = ReadMaps(node, "events", "an event");
    test.alerts = ReadMaps(node, "alerts", "an expected alert");
    out_.cases.push_back(std::move(test));
  }

  std::string ReadName(const Node& node) {
    const Node* name = node.Find("name");
    if (name == nullptr || !name->is_scalar() || name->text.empty()) {
      Fail(node.location, "a case needs a 'name'");
      return {};
    }
    if (!names_.insert(name->text).second) {
      Fail(name->location, "another case is named '" + name->text + "', too");
    }
    return name->text;
  }

  std::vector<Node> ReadMaps(const Node& node, const std::string& key, const std::string& what) {
    const Node* list = ListAt(node, key);
    if (list == nullptr) return {};
    for (const Node& item : list->items) IsMap(item, what);
    return list->items;
  }

  const std::filesystem::path& file_;
  RuleTestFile& out_;
  std::set<std::string> names_;
};

}  // namespace

RuleTestFile ReadRuleTestFile(std::string_view text, const std::filesystem::path& file,
                              const sigma::LoadLimits& limits) {
  sigma::YamlResult yaml = sigma::LoadYaml(text, file.string(), limits);
  RuleTestFile result;
  result.diagnostics = std::move(yaml.diagnostics);
  TestFileReader reader(file, result);
  if (yaml.documents.size() == 1) {
    reader.Read(yaml.documents.front());
  } else if (!sigma::HasErrors(result.diagnostics)) {
    reader.Fail({std::make_shared<const std::string>(file.string()), 1, 1},
                "a rule test file is one YAML document, this one holds " +
                    std::to_string(yaml.documents.size()));
  }
  return result;
}

}  // namespace auditflow::pipeline
