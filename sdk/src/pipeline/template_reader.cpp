#include "src/pipeline/template_reader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace auditflow::pipeline {
namespace {

using sigma::Node;

/// Reads the members of one map and reports what does not fit.
class BlockReader {
 public:
  BlockReader(const Node& block, std::string path, std::vector<sigma::Diagnostic>& diagnostics)
      : block_(block), path_(std::move(path)), diagnostics_(diagnostics) {
    if (block.kind != Node::Kind::kMap) Report(block, path_ + " must be a map");
  }

  void Text(std::string_view key, std::string& out) {
    const Node* node = Take(key);
    if (node == nullptr) return;
    if (node->is_scalar() && node->kind != Node::Kind::kNull) {
      out = node->text;
    } else {
      Report(*node, Path(key) + " must be a string");
    }
  }

  /// A string or a list of strings.
  void List(std::string_view key, std::vector<std::string>& out) {
    const Node* node = Take(key);
    if (node == nullptr) return;
    if (node->kind == Node::Kind::kString) {
      out = {node->text};
      return;
    }
    const auto is_text = [](const Node& item) { return item.kind == Node::Kind::kString; };
    if (node->kind != Node::Kind::kSequence ||
        !std::all_of(node->items.begin(), node->items.end(), is_text)) {
      return Report(*node, Path(key) + " must be a string or a list of strings");
    }
    out.clear();
    for (const Node& item : node->items) out.push_back(item.text);
  }

  /// @return null if the key is not there or no map.
  const Node* Map(std::string_view key) {
    const Node* node = Take(key);
    if (node == nullptr || node->kind == Node::Kind::kMap) return node;
    Report(*node, Path(key) + " must be a map");
    return nullptr;
  }

  void OneOf(std::string_view key, std::string_view first, std::string_view second) {
    const Node* node = Take(key);
    if (node == nullptr || node->text == first || node->text == second) return;
    Report(*node, Path(key) + " must be " + std::string(first) + " or " + std::string(second));
  }

  /// Once every known key has been asked for.
  void ReportUnknown() {
    for (const Node::Member& member : block_.members) {
      if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
      diagnostics_.push_back({sigma::DiagnosticKind::kWarning, member.key_location,
                              "unknown-auditflow-key",
                              Path(member.key) + " is not known; ignored"});
    }
  }

 private:
  const Node* Take(std::string_view key) {
    known_.emplace_back(key);
    return block_.Find(key);
  }
  [[nodiscard]] std::string Path(std::string_view key) const {
    return path_ + "." + std::string(key);
  }
  void Report(const Node& node, std::string message) {
    diagnostics_.push_back({sigma::DiagnosticKind::kInvalid, node.location,
                            "invalid-auditflow-block", std::move(message)});
  }

  const Node& block_;
  std::string path_;
  std::vector<sigma::Diagnostic>& diagnostics_;
  std::vector<std::string> known_;
};

/// What the Sigma document alone says.
alert::AlertTemplate FromMetadata(const sigma::Metadata& metadata) {
  alert::AlertTemplate result;
  result.rule_key = metadata.key();
  result.rule_id = metadata.key();
  result.rule_name = metadata.title;
  result.alert_name = metadata.title;
  result.rule_description = metadata.description;
  result.severity = alert::SeverityForLevel(metadata.level ? ToString(*metadata.level) : "");
  result.tags = metadata.tags;
  return result;
}

void ReadActor(const Node& node, alert::AlertTemplate& out,
               std::vector<sigma::Diagnostic>& diagnostics) {
  BlockReader actor(node, "auditflow.actor", diagnostics);
  actor.Text("type", out.actor_type);
  actor.List("id", out.actor_fields);
  actor.ReportUnknown();
}

void ReadResource(const Node& node, alert::AlertTemplate& out,
                  std::vector<sigma::Diagnostic>& diagnostics) {
  BlockReader resource(node, "auditflow.resource", diagnostics);
  resource.Text("type", out.resource_type);
  resource.List("id", out.resource_fields);
  resource.List("hostname", out.hostname_fields);
  resource.ReportUnknown();
}

void ReadBlock(const Node& node, alert::AlertTemplate& out,
               std::vector<sigma::Diagnostic>& diagnostics) {
  BlockReader block(node, "auditflow", diagnostics);
  block.Text("rule_id", out.rule_id);
  block.Text("rule_name", out.rule_name);
  block.Text("rule_description", out.rule_description);
  block.Text("alert_name", out.alert_name);
  block.Text("alert_type", out.alert_type);
  block.Text("severity", out.severity);
  block.Text("description", out.description);
  block.Text("action_observed", out.action_observed);
  block.Text("metric_type", out.metric_type);
  block.Text("remediation", out.remediation_guidance);
  block.Text("playbook", out.playbook_url);
  block.List("tags", out.tags);
  block.List("client_ip", out.client_ip_fields);
  block.OneOf("repeat", "once", "every");
  if (const Node* actor = block.Map("actor")) ReadActor(*actor, out, diagnostics);
  if (const Node* resource = block.Map("resource")) ReadResource(*resource, out, diagnostics);
  block.ReportUnknown();
}

}  // namespace

alert::AlertTemplate ReadAlertTemplate(const sigma::Metadata& metadata,
                                       std::vector<sigma::Diagnostic>& diagnostics) {
  alert::AlertTemplate result = FromMetadata(metadata);
  const Node* block = metadata.FindCustom("auditflow");
  if (block != nullptr) ReadBlock(*block, result, diagnostics);
  if (const Status status = alert::CheckTemplate(result); !status.ok()) {
    diagnostics.push_back({sigma::DiagnosticKind::kInvalid,
                           block != nullptr ? block->location : metadata.location,
                           "invalid-auditflow-block", "auditflow: " + status.message()});
  }
  return result;
}

}  // namespace auditflow::pipeline
