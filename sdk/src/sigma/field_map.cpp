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

/// What one name of `auditflow.fields` says, where it says more than other names.
class EntryReader {
 public:
  EntryReader(const Node& entry, std::string field, std::vector<Diagnostic>& diagnostics)
      : entry_(entry), diagnostics_(diagnostics), alias_{std::move(field), {}} {}

  /// @return nothing, and a report, if it is of another form.
  std::optional<FieldAlias> Read() && {
    for (const Node::Member& member : entry_.members) {
      if (!Take(member)) return std::nullopt;
    }
    if (!alias_.sources.empty() || !alias_.texts.empty()) return std::move(alias_);
    Refuse(entry_, "", "needs from or text");
    return std::nullopt;
  }

 private:
  bool Take(const Node::Member& member) {
    if (member.key == "from") return TakeSources(member.value);
    if (member.key == "text") return TakeTexts(member.value);
    if (member.key == "values") return TakeValues(member.value);
    if (member.key == "instead") return TakeInstead(member.value);
    return Refuse(member.value, "." + member.key,
                  "is not known; from, text, values and instead are");
  }

  bool TakeSources(const Node& node) {
    alias_.sources = ReadSources(node);
    return !alias_.sources.empty() ||
           Refuse(node, ".from", "must be a field name or a list of them");
  }

  bool TakeTexts(const Node& node) {
    if (alias_.field == "*") return Refuse(node, ".text", "cannot be of every field");
    for (const std::string& source : ReadSources(node)) {
      auto text = ParseFieldText(source);
      if (!text) break;
      alias_.texts.push_back(*std::move(text));
    }
    const std::size_t wanted = node.kind == Node::Kind::kSequence ? node.items.size() : 1;
    return (wanted > 0 && alias_.texts.size() == wanted) ||
           Refuse(node, ".text", "must be a text with 1 to 16 fields as %name%, or a list of them");
  }

  bool TakeValues(const Node& node) {
    auto values = ReadValues(node);
    if (!values) return Refuse(node, ".values", "must be a map of values to names");
    alias_.values = *std::move(values);
    return true;
  }

  bool TakeInstead(const Node& node) {
    if (node.kind != Node::Kind::kBool) return Refuse(node, ".instead", "must be true or false");
    alias_.instead = node.boolean;
    return true;
  }

  bool Refuse(const Node& node, const std::string& key, const std::string& why) {
    Report(node, "auditflow.fields." + alias_.field + key + ' ' + why, diagnostics_);
    return false;
  }

  const Node& entry_;
  std::vector<Diagnostic>& diagnostics_;
  FieldAlias alias_;
};

}  // namespace

std::optional<FieldText> ParseFieldText(std::string_view text) {
  constexpr std::size_t kMostFields = 16;
  FieldText parsed{std::string(text), {}};
  FieldText::Part part;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('%'), text.size());
    part.before += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::size_t close = text.find('%', 1);
    if (close == std::string_view::npos) return std::nullopt;
    if (close == 1) {
      part.before += '%';
    } else {
      part.field = text.substr(1, close - 1);
      parsed.parts.push_back(std::exchange(part, {}));
    }
    text.remove_prefix(close + 1);
  }
  if (parsed.parts.empty() || parsed.parts.size() > kMostFields) return std::nullopt;
  if (!part.before.empty()) parsed.parts.push_back(std::move(part));
  return parsed;
}

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
      auto read = EntryReader(member.value, member.key, diagnostics).Read();
      if (read) aliases.push_back(*std::move(read));
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
