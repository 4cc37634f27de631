#include "src/match/field_mapper.hpp"

#include <algorithm>
#include <cstddef>

namespace auditflow::match {

std::string ReplaceStar(std::string_view source, std::string_view name) {
  const std::size_t star = source.find('*');
  if (star == std::string_view::npos) return std::string(source);
  return std::string(source.substr(0, star)) + std::string(name) +
         std::string(source.substr(star + 1));
}

void FieldMapper::Add(std::uint32_t route, const std::vector<FieldAlias>& aliases,
                      FieldIndex& fields) {
  // A field with an entry of its own is not looked for where all the others are.
  const auto has_entry = [&](const std::string& name) {
    return std::any_of(aliases.begin(), aliases.end(),
                       [&](const FieldAlias& alias) { return alias.field == name; });
  };
  for (const FieldAlias& alias : aliases) {
    const ValueMap* values = Keep(alias);
    for (std::uint32_t rank = 0; rank < alias.sources.size(); ++rank) {
      const std::string& source = alias.sources[rank];
      if (alias.field != kEveryField) {
        AddSource(source, {fields.Add(alias.field), route, rank, values}, fields);
        continue;
      }
      for (FieldId field = 0; field < asked_; ++field) {
        const std::string name = fields.name(field);  // a copy: adding moves the names
        if (!has_entry(name))
          AddSource(ReplaceStar(source, name), {field, route, rank, values}, fields);
      }
    }
  }
}

const ValueMap* FieldMapper::Keep(const FieldAlias& alias) {
  if (alias.values.empty()) return nullptr;
  return value_maps_.emplace_back(std::make_unique<const ValueMap>(alias.values)).get();
}

void FieldMapper::AddSource(std::string_view source, const Alias& alias, FieldIndex& fields) {
  const FieldId id = fields.Add(source);
  if (aliases_.size() <= id) aliases_.resize(id + 1);
  aliases_[id].push_back(alias);
}

}  // namespace auditflow::match
