#include "src/match/mapped_fields.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "src/match/field_text.hpp"

namespace auditflow::match {
namespace {

bool IsIn(const event::Event& event, std::string_view name) {
  return event::ForEachAt(event, name, [](event::Value) {});
}

void AddOnce(std::vector<std::string>& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

/// @return nothing if the event lacks a part.
std::optional<std::string> TextIn(const event::Event& event, const sigma::FieldText& text) {
  std::string made;
  const auto part = [&](std::size_t i) { return event::TextAt(event, text.parts[i].field); };
  return MakeFieldText(text, part, made) ? std::optional(std::move(made)) : std::nullopt;
}

}  // namespace

void MappedFields::Add(const std::vector<FieldAlias>& document) {
  std::vector<Entry>& entries = documents_.emplace_back();
  for (const FieldAlias& alias : document) {
    entries.push_back({alias, nullptr});
    if (!alias.values.empty()) entries.back().values = std::make_unique<ValueMap>(alias.values);
  }
}

/// What one document says of the field: its own entry, else that of every field.
const MappedFields::Entry* MappedFields::EntryOf(const std::vector<Entry>& document,
                                                 std::string_view field) {
  const Entry* every = nullptr;
  for (const Entry& entry : document) {
    if (entry.alias.field == field) return &entry;
    if (entry.alias.field == kEveryField) every = &entry;
  }
  return every;
}

std::vector<std::vector<MappedFields::Place>> MappedFields::Ranks(std::string_view field) const {
  std::vector<std::vector<Place>> ranks;
  std::vector<std::vector<Place>> others;
  for (const std::vector<Entry>& document : documents_) {
    const Entry* entry = EntryOf(document, field);
    if (entry == nullptr) continue;
    const FieldAlias& alias = entry->alias;
    std::vector<std::vector<Place>>& of = alias.instead ? ranks : others;
    std::size_t rank = 0;
    const auto add = [&](std::string name, const sigma::FieldText* text) {
      if (of.size() == rank) of.emplace_back();
      of[rank++].push_back({std::move(name), text, entry->values.get(), alias.instead});
    };
    for (const sigma::FieldText& text : alias.texts) add(text.text, &text);
    for (const std::string& source : alias.sources) {
      add(alias.field == kEveryField ? ReplaceStar(source, field) : source, nullptr);
    }
  }
  std::move(others.begin(), others.end(), std::back_inserter(ranks));
  return ranks;
}

std::vector<MappedFields::Place> MappedFields::PlacesIn(const event::Event& event,
                                                        std::string_view field) const {
  const bool has_itself = IsIn(event, field);
  for (const std::vector<Place>& places : Ranks(field)) {
    std::vector<Place> found;
    std::copy_if(places.begin(), places.end(), std::back_inserter(found), [&](const Place& place) {
      if (has_itself && !place.instead) return false;
      return place.text != nullptr ? TextIn(event, *place.text).has_value()
                                   : IsIn(event, place.name);
    });
    if (!found.empty()) return found;
  }
  return has_itself ? std::vector<Place>{{std::string(field)}} : std::vector<Place>();
}

std::vector<std::string> MappedFields::NamesIn(const event::Event& event,
                                               std::string_view field) const {
  std::vector<std::string> names;
  for (Place& place : PlacesIn(event, field)) AddOnce(names, std::move(place.name));
  return names;
}

std::vector<std::string> MappedFields::OtherNames(std::string_view field) const {
  std::vector<std::string> others;
  for (std::vector<Place>& places : Ranks(field)) {
    for (Place& place : places) AddOnce(others, std::move(place.name));
  }
  return others;
}

bool MappedFields::ForEachNamed(const event::Event& event, std::string_view field,
                                const NamedVisitor& visit) const {
  const std::vector<Place> places = PlacesIn(event, field);
  std::string scratch;
  for (const Place& place : places) {
    StringValues made;
    std::vector<event::Value> values;
    if (place.text != nullptr) {
      values.push_back(made.Add(TextIn(event, *place.text).value_or("")));
    } else {
      event::ForEachAt(event, place.name, [&](event::Value value) { values.push_back(value); });
    }
    const bool translates = place.values != nullptr && values.size() <= kMostTranslated;
    for (const event::Value value : values) {
      visit(place.name, value, translates ? place.values->Of(event, value, scratch) : value);
    }
  }
  return !places.empty();
}

bool MappedFields::ForEach(const event::Event& event, std::string_view field,
                           const Visitor& visit) const {
  if (field.empty()) return FieldReader::ForEach(event, field, visit);
  return ForEachNamed(event, field, [&](const std::string&, event::Value, event::Value meaning) {
    visit(meaning);
  });
}

}  // namespace auditflow::match
