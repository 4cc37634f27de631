#include "src/match/field_mapper.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace auditflow::match {
namespace {

using sigma::Node;

void Report(const Node& node, std::string message, std::vector<sigma::Diagnostic>& diagnostics) {
  diagnostics.push_back(
      {sigma::DiagnosticKind::kInvalid, node.location, "invalid-field-map", std::move(message)});
}

/// A string, or a list of strings that is not empty.
std::vector<std::string> ReadSources(const Node& node) {
  if (node.kind == Node::Kind::kString) return {node.text};
  std::vector<std::string> sources;
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::kString) return {};
    sources.push_back(item.text);
  }
  return sources;
}

}  // namespace

std::string ReplaceStar(std::string_view source, std::string_view name) {
  const std::size_t star = source.find('*');
  if (star == std::string_view::npos) return std::string(source);
  return std::string(source.substr(0, star)) + std::string(name) +
         std::string(source.substr(star + 1));
}

std::vector<FieldAlias> ReadFieldAliases(const sigma::Metadata& metadata,
                                         std::vector<sigma::Diagnostic>& diagnostics) {
  std::vector<FieldAlias> aliases;
  const Node* block = metadata.FindCustom("auditflow");
  if (block == nullptr) return aliases;
  for (const Node::Member& member : block->members) {
    if (member.key != "fields") {
      Report(member.value, "auditflow." + member.key + " is not known in a logsource map",
             diagnostics);
    }
  }
  const Node* fields = block->Find("fields");
  if (fields == nullptr) return aliases;
  if (fields->kind != Node::Kind::kMap)
    Report(*fields, "auditflow.fields must be a map", diagnostics);
  for (const Node::Member& member : fields->members) {
    FieldAlias alias{member.key, ReadSources(member.value)};
    if (alias.sources.empty()) {
      Report(member.value,
             "auditflow.fields." + member.key + " must be a field name or a list of them",
             diagnostics);
    } else {
      aliases.push_back(std::move(alias));
    }
  }
  return aliases;
}

void FieldMapper::Add(std::uint32_t route, const std::vector<FieldAlias>& aliases,
                      FieldIndex& fields) {
  // A field with an entry of its own is not looked for where all the others are.
  const auto has_entry = [&](const std::string& name) {
    return std::any_of(aliases.begin(), aliases.end(),
                       [&](const FieldAlias& alias) { return alias.field == name; });
  };
  for (const FieldAlias& alias : aliases) {
    for (std::uint32_t rank = 0; rank < alias.sources.size(); ++rank) {
      const std::string& source = alias.sources[rank];
      if (alias.field != kEveryField) {
        AddSource(source, {fields.Add(alias.field), route, rank}, fields);
        continue;
      }
      for (FieldId field = 0; field < asked_; ++field) {
        const std::string name = fields.name(field);  // a copy: adding moves the names
        if (!has_entry(name)) AddSource(ReplaceStar(source, name), {field, route, rank}, fields);
      }
    }
  }
}

void FieldMapper::AddSource(std::string_view source, const Alias& alias, FieldIndex& fields) {
  const FieldId id = fields.Add(source);
  if (aliases_.size() <= id) aliases_.resize(id + 1);
  aliases_[id].push_back(alias);
}

}  // namespace auditflow::match
