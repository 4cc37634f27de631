#include "src/pipeline/alert_expectation.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "auditflow/sigma/yaml.hpp"

namespace auditflow::pipeline {
namespace {

using Json = nlohmann::json;
using Kind = RuleTestDifference::Kind;

std::string_view AlertPath(std::string_view key) {
  return key == "rule_id" ? "analysis_rule.rule_id" : key;
}

const Json* Lookup(const Json& root, std::string_view path) {
  const Json* at = &root;
  while (at != nullptr) {
    const std::size_t dot = path.find('.');
    const std::string key(path.substr(0, dot));
    const auto member = at->is_object() ? at->find(key) : at->end();
    at = at->is_object() && member != at->end() ? &*member : nullptr;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return at;
}

std::string ToJson(const sigma::Node& node) {
  std::string json;
  sigma::AppendJson(node, json);
  return json;
}

void CompareAlert(const sigma::Node& expected, const alert::Alert& alert, std::size_t position,
                  std::vector<RuleTestDifference>& differences) {
  const Json actual = Json::parse(alert::ToJson(alert), nullptr, false);
  for (const sigma::Node::Member& member : expected.members) {
    const std::string wanted = ToJson(member.value);
    const Json* found = Lookup(actual, AlertPath(member.key));
    if (found != nullptr && *found == Json::parse(wanted, nullptr, false)) continue;
    differences.push_back({Kind::kMember, position, member.key_location, member.key, wanted,
                           found == nullptr ? std::string() : found->dump()});
  }
}

std::string Describe(const alert::Alert& alert) {
  return "alert of " + alert.analysis_rule.rule_id + " ('" + alert.alert_name +
         "'), triggered by event " + alert.correlation_id.ToString();
}

}  // namespace

void CompareAlerts(const std::vector<sigma::Node>& expected,
                   const std::vector<alert::Alert>& actual, const sigma::SourceLocation& location,
                   std::vector<RuleTestDifference>& differences) {
  for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    if (i >= actual.size()) {
      differences.push_back({Kind::kMissing, i, expected[i].location, "", ToJson(expected[i]), ""});
    } else if (i >= expected.size()) {
      differences.push_back({Kind::kUnexpected, i, location, "", "", Describe(actual[i])});
    } else {
      CompareAlert(expected[i], actual[i], i, differences);
    }
  }
}

}  // namespace auditflow::pipeline
