#include "auditflow/sigma/taxonomy.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <variant>

#include "auditflow/sigma/field_map.hpp"

#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

using Parts = std::array<std::string LogSource::*, 3>;
constexpr Parts kParts = {&LogSource::product, &LogSource::category, &LogSource::service};

void Report(const Node& node, std::string message, std::vector<Diagnostic>& diagnostics) {
  diagnostics.push_back(
      {DiagnosticKind::kInvalid, node.location, "invalid-taxonomy", std::move(message)});
}

bool ReadPart(const Node::Member& member, LogSource& out, std::vector<Diagnostic>& diagnostics) {
  std::string LogSource::*const part = member.key == "product"    ? &LogSource::product
                                       : member.key == "category" ? &LogSource::category
                                       : member.key == "service"  ? &LogSource::service
                                                                  : nullptr;
  if (part != nullptr && member.value.kind == Node::Kind::kString && !member.value.text.empty()) {
    out.*part = AsciiLower(member.value.text);
    return true;
  }
  Report(member.value,
         "auditflow.logsource." + member.key +
             (part == nullptr ? " is not known; product, category and service are"
                              : " must be a string"),
         diagnostics);
  return false;
}

/// The taxonomy's name of the log. @return false if it is malformed.
bool ReadName(const Node* node, LogSource& out, std::vector<Diagnostic>& diagnostics) {
  if (node == nullptr) return true;
  if (node->kind != Node::Kind::kMap) {
    Report(*node, "auditflow.logsource must be a map of product, category or service", diagnostics);
    return false;
  }
  return std::all_of(node->members.begin(), node->members.end(), [&](const Node::Member& member) {
    return ReadPart(member, out, diagnostics);
  });
}

/// Sigma's name ← the taxonomy's, turned round. Of two names of Sigma's for one the first counts. A
/// name whose values have other names keeps its own: what a rule asks of it is in those values.
std::vector<std::pair<std::string, std::string>> Reversed(const std::vector<FieldAlias>& aliases) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const FieldAlias& alias : aliases) {
    for (const std::string& source : alias.sources) {
      fields.emplace_back(source, alias.values.empty() ? alias.field : source);
    }
  }
  return fields;
}

/// What stands for the `*` of a pattern with at most one.
std::optional<std::string_view> StarIn(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return std::nullopt;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  const bool fits = name.size() > before.size() + after.size() && name.starts_with(before) &&
                    name.ends_with(after);
  if (!fits) return std::nullopt;
  return name.substr(star, name.size() - before.size() - after.size());
}

std::optional<std::string> SigmaName(const TaxonomyEntry& entry, std::string_view name) {
  for (const auto& [theirs, sigmas] : entry.fields) {
    if (theirs == name) return sigmas;
  }
  for (const auto& [theirs, sigmas] : entry.fields) {
    if (sigmas != "*") continue;
    if (const auto star = StarIn(theirs, name)) return std::string(*star);
  }
  return std::nullopt;
}

/// Whether a rule of `rule` may be about the events of `entry`: no part of the two differs.
bool Meets(const LogSource& rule, const LogSource& entry) {
  return std::all_of(kParts.begin(), kParts.end(), [&](const auto part) {
    return (rule.*part).empty() || (entry.*part).empty() || rule.*part == entry.*part;
  });
}

bool IsEmpty(const LogSource& name) {
  return std::all_of(kParts.begin(), kParts.end(),
                     [&](const auto part) { return (name.*part).empty(); });
}

/// Whether `rule` has every part of the taxonomy's name of the entry's log, and no other log's.
bool IsNamed(const LogSource& rule, const TaxonomyEntry& entry) {
  return std::all_of(kParts.begin(), kParts.end(), [&](const auto part) {
    const std::string& name = entry.name.*part;
    const std::string& asked = rule.*part;
    return name.empty() ? asked.empty() || asked == entry.logsource.*part : asked == name;
  });
}

/// `rule` as Sigma says it, if the taxonomy's name of the entry's log is in it.
std::optional<LogSource> Renamed(const LogSource& rule, const TaxonomyEntry& entry) {
  if (IsEmpty(entry.name) || !IsNamed(rule, entry)) return std::nullopt;
  LogSource renamed = rule;
  for (const auto part : kParts) {
    if (!(entry.name.*part).empty()) renamed.*part = entry.logsource.*part;
  }
  return renamed;
}

/// One document's names in one taxonomy.
class Translator {
 public:
  Translator(const std::string& taxonomy, const std::vector<TaxonomyEntry>& entries,
             std::vector<Diagnostic>& diagnostics)
      : taxonomy_(taxonomy), diagnostics_(diagnostics) {
    for (const TaxonomyEntry& entry : entries) entries_.push_back(&entry);
  }

  /// From here on the fields of this log come before those of others.
  void Translate(LogSource& logsource) {
    for (const TaxonomyEntry* entry : entries_) {
      const auto renamed = Renamed(logsource, *entry);
      if (!renamed) continue;
      logsource = *renamed;
      break;
    }
    std::stable_partition(entries_.begin(), entries_.end(), [&](const TaxonomyEntry* entry) {
      return Meets(logsource, entry->logsource);
    });
  }

  void Translate(std::vector<std::pair<std::string, Detection>>& detections) {
    for (auto& [name, detection] : detections) Translate(detection);
  }

 private:
  void Translate(Detection& detection) {
    for (auto& child : detection.children) {
      if (auto* item = std::get_if<DetectionItem>(&child)) {
        Translate(*item);
      } else {
        Translate(std::get<Detection>(child));
      }
    }
  }

  void Translate(DetectionItem& item) {
    if (item.field.empty()) return;
    item.field = NameOf(item.field, item.location);
    const auto& modifiers = item.modifiers;
    if (std::find(modifiers.begin(), modifiers.end(), Modifier::kFieldRef) == modifiers.end()) {
      return;
    }
    for (Node& value : item.values) {
      if (value.kind == Node::Kind::kString) value.text = NameOf(value.text, value.location);
    }
  }

  std::string NameOf(const std::string& field, const SourceLocation& location) {
    for (const TaxonomyEntry* entry : entries_) {
      if (auto name = SigmaName(*entry, field)) return *std::move(name);
    }
    if (warned_.insert(field).second) {
      diagnostics_.push_back({DiagnosticKind::kWarning, location, "taxonomy-field",
                              "the taxonomy " + Quote(taxonomy_) + " has no name of Sigma's for " +
                                  Quote(field) + "; it is looked for as it is written"});
    }
    return field;
  }

  const std::string taxonomy_;
  std::vector<const TaxonomyEntry*> entries_;
  std::vector<Diagnostic>& diagnostics_;
  std::set<std::string> warned_;
};

template <class Document>
void TranslateDocument(const std::vector<TaxonomyEntry>& entries, Document& document,
                       std::vector<Diagnostic>& diagnostics) {
  Translator translator(document.metadata.taxonomy, entries, diagnostics);
  translator.Translate(document.logsource);
  translator.Translate(document.detections);
  document.metadata.taxonomy = "sigma";
}

}  // namespace

void Taxonomies::Add(const std::vector<DetectionRule>& logsource_map,
                     std::vector<Diagnostic>& diagnostics) {
  for (const DetectionRule& document : logsource_map) {
    const Node* block = document.metadata.FindCustom("auditflow");
    const Node* taxonomy = block == nullptr ? nullptr : block->Find("taxonomy");
    const Node* logsource = block == nullptr ? nullptr : block->Find("logsource");
    if (taxonomy == nullptr) {
      if (logsource != nullptr) {
        Report(*logsource, "auditflow.logsource needs auditflow.taxonomy", diagnostics);
      }
      continue;
    }
    if (taxonomy->kind != Node::Kind::kString || taxonomy->text.empty() ||
        taxonomy->text == "sigma") {
      Report(*taxonomy, "auditflow.taxonomy must be the name of a taxonomy other than sigma",
             diagnostics);
      continue;
    }
    TaxonomyEntry entry;
    if (!ReadName(logsource, entry.name, diagnostics)) continue;
    entry.logsource = document.logsource;
    std::vector<Diagnostic> of_fields;  // reported where the map itself is compiled
    entry.fields = Reversed(ReadFieldAliases(document.metadata, of_fields));
    Add(taxonomy->text, std::move(entry));
  }
}

void Taxonomies::Add(const std::string& taxonomy, TaxonomyEntry entry) {
  entries_[taxonomy].push_back(std::move(entry));
}

bool Taxonomies::Knows(std::string_view taxonomy) const { return entries_.contains(taxonomy); }

std::string Taxonomies::Names() const {
  std::string names = "'sigma'";
  for (const auto& [name, entries] : entries_) names += ", " + Quote(name);
  return names;
}

void Taxonomies::Translate(DetectionRule& rule, std::vector<Diagnostic>& diagnostics) const {
  TranslateDocument(entries_.find(rule.metadata.taxonomy)->second, rule, diagnostics);
}

void Taxonomies::Translate(FilterRule& filter, std::vector<Diagnostic>& diagnostics) const {
  TranslateDocument(entries_.find(filter.metadata.taxonomy)->second, filter, diagnostics);
}

}  // namespace auditflow::sigma
