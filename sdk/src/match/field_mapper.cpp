#include "src/match/field_mapper.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace auditflow::match {
namespace {

/// The rank of the first source that stands instead of nothing: the others all come before.
constexpr std::uint32_t kFirstOther = std::uint32_t{1} << 31U;

}  // namespace

std::string ReplaceStar(std::string_view source, std::string_view name) {
  const std::size_t star = source.find('*');
  if (star == std::string_view::npos) return std::string(source);
  return std::string(source.substr(0, star)) + std::string(name) +
         std::string(source.substr(star + 1));
}

void FieldMapper::Add(std::uint32_t route, const std::vector<FieldAlias>& aliases,
                      FieldIndex& fields) {
  for (const FieldAlias& alias : aliases) {
    Alias of;
    of.route = route;
    of.rank = alias.instead ? 0 : kFirstOther;
    of.instead = alias.instead;
    if (!alias.values.empty()) {
      value_maps_.push_back(std::make_unique<const ValueMap>(alias.values));
      of.values = value_maps_.back().get();
    }
    if (alias.field == kEveryField) {
      AddEvery(aliases, alias, of, fields);
    } else {
      AddOne(alias, of, fields);
    }
  }
}

void FieldMapper::AddOne(const FieldAlias& alias, Alias of, FieldIndex& fields) {
  const auto field = fields.Find(alias.field);
  if (!field || *field >= asked_) return;
  of.field = *field;
  AddTexts(alias, of, fields);
  of.rank += static_cast<std::uint32_t>(alias.texts.size());
  for (const std::string& source : alias.sources) {
    AddSource(fields.Add(source), of);
    ++of.rank;
  }
}

/// A field with an entry of its own is not looked for where all the others are.
void FieldMapper::AddEvery(const std::vector<FieldAlias>& document, const FieldAlias& alias,
                           Alias of, FieldIndex& fields) {
  const auto has_entry = [&](const std::string& name) {
    return std::any_of(document.begin(), document.end(),
                       [&](const FieldAlias& other) { return other.field == name; });
  };
  const std::uint32_t first = of.rank;
  for (of.field = 0; of.field < asked_; ++of.field) {
    const std::string name = fields.name(of.field);  // a copy: adding moves the names
    if (has_entry(name)) continue;
    of.rank = first;
    for (const std::string& source : alias.sources) {
      AddSource(fields.Add(ReplaceStar(source, name)), of);
      ++of.rank;
    }
  }
}

/// A text stands at the first of its fields: without that one nothing of it is looked at.
void FieldMapper::AddTexts(const FieldAlias& alias, Alias of, FieldIndex& fields) {
  for (const sigma::FieldText& text : alias.texts) {
    auto plan = std::make_unique<FieldTextPlan>();
    plan->text = text;
    for (const sigma::FieldText::Part& part : text.parts) {
      plan->fields.push_back(part.field.empty() ? FieldIndex::kNone : fields.Add(part.field));
    }
    of.text = plan.get();
    AddSource(plan->fields.front(), of);
    texts_.push_back(std::move(plan));
    ++of.rank;
  }
}

void FieldMapper::AddSource(FieldId source, const Alias& alias) {
  if (aliases_.size() <= source) aliases_.resize(source + 1);
  aliases_[source].push_back(alias);
  if (standing_.size() <= alias.field) standing_.resize(alias.field + 1, Standing::kNone);
  standing_[alias.field] = std::max(
      standing_[alias.field], alias.instead ? Standing::kMayReplace : Standing::kOnlyIfMissing);
}

}  // namespace auditflow::match
