#include "auditflow/sigma/field_map.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace auditflow::sigma {
namespace {

/// What `auditflow:` may hold in a logsource map; `Taxonomies` reads the others.
constexpr std::array<std::string_view, 3> kKeys = {"fields", "taxonomy", "logsource"};

void Report(const Node& node, std::string message, std::vector<Diagnostic>& diagnostics) {
  diagnostics.push_back(
      {DiagnosticKind::kInvalid, node.location, "invalid-field-map", std::move(message)});
}

bool IsName(const Node& node) { return node.kind == Node::Kind::kString && !node.text.empty(); }

/// A name, or a list of names that is not empty; else nothing.
std::vector<std::string> ReadSources(const Node& node) {
  if (IsName(node)) return {node.text};
  std::vector<std::string> sources;
  if (node.kind != Node::Kind::kSequence) return sources;
  if (!std::all_of(node.items.begin(), node.items.end(), IsName)) return sources;
  for (const Node& item : node.items) sources.push_back(item.text);
  return sources;
}

/// The scalars of a map as text, however they are written; nothing if it is none, or empty.
std::optional<std::vector<std::pair<std::string, std::string>>> ReadValues(const Node& node) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Node::Member& member : node.members) {
    if (!member.value.is_scalar() || member.value.kind == Node::Kind::kNull) return std::nullopt;
    values.emplace_back(member.key, member.value.text);
  }
  return values.empty() ? std::nullopt : std::optional(std::move(values));
}

/// `{from: …, values: {…}}`. @return false, and a report, if it is of another form.
bool ReadTranslation(const Node& node, FieldAlias& alias, std::vector<Diagnostic>& diagnostics) {
  const std::string path = "auditflow.fields." + alias.field;
  for (const Node::Member& member : node.members) {
    if (member.key == "from" || member.key == "values") continue;
    Report(member.value, path + "." + member.key + " is not known; from and values are",
           diagnostics);
    return false;
  }
  const Node* from = node.Find("from");
  if (from != nullptr) alias.sources = ReadSources(*from);
  if (alias.sources.empty()) {
    Report(from == nullptr ? node : *from, path + ".from must be a field name or a list of them",
           diagnostics);
    return false;
  }
  const Node* values = node.Find("values");
  auto read = values == nullptr ? std::nullopt : ReadValues(*values);
  if (!read) {
    Report(values == nullptr ? node : *values, path + ".values must be a map of values to names",
           diagnostics);
    return false;
  }
  alias.values = *std::move(read);
  return true;
}

}  // namespace

std::vector<FieldAlias> ReadFieldAliases(const Metadata& metadata,
                                         std::vector<Diagnostic>& diagnostics) {
  std::vector<FieldAlias> aliases;
  const Node* block = metadata.FindCustom("auditflow");
  if (block == nullptr) return aliases;
  if (block->kind != Node::Kind::kMap) {
    Report(*block, "auditflow must be a map", diagnostics);
    return aliases;
  }
  for (const Node::Member& member : block->members) {
    if (std::find(kKeys.begin(), kKeys.end(), member.key) == kKeys.end()) {
      Report(member.value, "auditflow." + member.key + " is not known in a logsource map",
             diagnostics);
    }
  }
  const Node* fields = block->Find("fields");
  if (fields == nullptr) return aliases;
  if (fields->kind != Node::Kind::kMap) {
    Report(*fields, "auditflow.fields must be a map", diagnostics);
    return aliases;
  }
  for (const Node::Member& member : fields->members) {
    FieldAlias alias{member.key, ReadSources(member.value)};
    if (member.value.kind == Node::Kind::kMap) {
      if (ReadTranslation(member.value, alias, diagnostics)) aliases.push_back(std::move(alias));
    } else if (alias.sources.empty()) {
      Report(member.value,
             "auditflow.fields." + member.key + " must be a field name or a list of them",
             diagnostics);
    } else {
      aliases.push_back(std::move(alias));
    }
  }
  return aliases;
}

}  // namespace auditflow::sigma
