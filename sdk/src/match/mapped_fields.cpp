#include "src/match/mapped_fields.hpp"

#include <algorithm>
#include <cstddef>

namespace auditflow::match {
namespace {

bool IsIn(const event::Event& event, std::string_view name) {
  return event::ForEachAt(event, name, [](event::Value) {});
}

void AddOnce(std::vector<std::string>& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

/// What one document says of the field: its own entry, else that of every field.
const FieldAlias* EntryOf(const std::vector<FieldAlias>& document, std::string_view field) {
  const FieldAlias* every = nullptr;
  for (const FieldAlias& alias : document) {
    if (alias.field == field) return &alias;
    if (alias.field == kEveryField) every = &alias;
  }
  return every;
}

}  // namespace

void MappedFields::Add(std::vector<FieldAlias> aliases) {
  for (const FieldAlias& alias : aliases) {
    if (alias.values.empty()) continue;
    translations_.push_back({alias, std::make_unique<const ValueMap>(alias.values)});
  }
  documents_.push_back(std::move(aliases));
}

event::Value MappedFields::Meaning(std::string_view field, std::string_view name,
                                   const event::Event& event, event::Value value) const {
  if (name == field) return value;
  for (const auto& [alias, values] : translations_) {
    if (alias.field != field && alias.field != kEveryField) continue;
    for (const std::string& source : alias.sources) {
      if (ReplaceStar(source, field) == name) return values->Of(event, value);
    }
  }
  return value;
}

std::vector<std::vector<std::string>> MappedFields::Ranks(std::string_view field) const {
  std::vector<std::vector<std::string>> ranks;
  for (const std::vector<FieldAlias>& document : documents_) {
    const FieldAlias* entry = EntryOf(document, field);
    if (entry == nullptr) continue;
    if (ranks.size() < entry->sources.size()) ranks.resize(entry->sources.size());
    for (std::size_t rank = 0; rank < entry->sources.size(); ++rank) {
      const std::string& source = entry->sources[rank];
      AddOnce(ranks[rank], entry->field == kEveryField ? ReplaceStar(source, field) : source);
    }
  }
  return ranks;
}

std::vector<std::string> MappedFields::NamesIn(const event::Event& event,
                                               std::string_view field) const {
  if (IsIn(event, field)) return {std::string(field)};
  for (const std::vector<std::string>& names : Ranks(field)) {
    std::vector<std::string> found;
    std::copy_if(names.begin(), names.end(), std::back_inserter(found),
                 [&](const std::string& name) { return IsIn(event, name); });
    if (!found.empty()) return found;
  }
  return {};
}

std::vector<std::string> MappedFields::OtherNames(std::string_view field) const {
  std::vector<std::string> others;
  for (std::vector<std::string>& names : Ranks(field)) {
    for (std::string& name : names) AddOnce(others, std::move(name));
  }
  return others;
}

bool MappedFields::ForEach(const event::Event& event, std::string_view field,
                           const Visitor& visit) const {
  if (field.empty()) return FieldReader::ForEach(event, field, visit);
  const std::vector<std::string> names = NamesIn(event, field);
  for (const std::string& name : names) {
    event::ForEachAt(event, name,
                     [&](event::Value value) { visit(Meaning(field, name, event, value)); });
  }
  return !names.empty();
}

}  // namespace auditflow::match
