#include "src/sigma/metadata.hpp"

#include <algorithm>
#include <array>

#include "auditflow/core/uuid.hpp"

#include "src/sigma/fields.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

// The specification's lengths, in characters.
constexpr std::size_t kMaxTitle = 256;
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxDescription = 65'535;
constexpr std::size_t kMaxOther = 65'535;

/// A help for people must not cost more than the document.
constexpr std::size_t kMaxSpellChecked = 32;

constexpr std::array<std::string_view, 5> kLevels = {"informational", "low", "medium", "high",
                                                     "critical"};
constexpr std::array<std::string_view, 5> kStatuses = {"stable", "test", "experimental",
                                                       "deprecated", "unsupported"};
constexpr std::array<std::string_view, 6> kRelations = {"derived", "obsolete", "merged",
                                                        "renamed", "similar",  "obsoletes"};

struct Context {
  std::string_view key;
  Metadata& metadata;
  Reporter& reporter;
};

void CheckId(const std::string& id, const Node& value, Reporter& reporter) {
  if (id.empty()) {
    reporter.Invalid(value.location, "empty-value", "'id' is empty; leave it out or give a UUID");
  } else if (!Uuid::Parse(id)) {
    reporter.Warn(value.location, "id-form", "'id' should be a UUID, not " + Quote(id));
  }
}

template <std::string Metadata::*kMember, std::size_t kMaxCharacters>
void ReadText(Node& value, Context context) {
  ReadString(value, context.key, kMaxCharacters, context.metadata.*kMember, context.reporter);
}

template <std::string Metadata::*kMember, std::size_t kMaxCharacters>
void ReadNonEmptyText(Node& value, Context context) {
  std::string& text = context.metadata.*kMember;
  if (!ReadString(value, context.key, kMaxCharacters, text, context.reporter)) return;
  if (!text.empty()) return;
  context.reporter.Invalid(value.location, "empty-value",
                           "'" + std::string(context.key) + "' is empty");
}

template <std::vector<std::string> Metadata::*kMember>
void ReadList(Node& value, Context context) {
  ReadStrings(value, context.key, true, context.metadata.*kMember, context.reporter);
}

void ReadId(Node& value, Context context) {
  std::string& id = context.metadata.id;
  if (ReadString(value, context.key, kMaxName, id, context.reporter)) {
    CheckId(id, value, context.reporter);
  }
}

void ReadStatus(Node& value, Context context) {
  std::size_t index = 0;
  if (ReadWord(value, context.key, kStatuses, &index, context.reporter)) {
    context.metadata.status = static_cast<RuleStatus>(index);
  }
}

void ReadLevel(Node& value, Context context) {
  std::size_t index = 0;
  if (ReadWord(value, context.key, kLevels, &index, context.reporter)) {
    context.metadata.level = static_cast<Level>(index);
  }
}

int TwoDigits(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// YYYY?MM?DD with the same `separator` twice, and a day that the month has.
bool IsDate(std::string_view text, char separator) {
  if (text.size() != 10 || text[4] != separator || text[7] != separator) return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  const int year = TwoDigits(text, 0) * 100 + TwoDigits(text, 2);
  const int month = TwoDigits(text, 5);
  const int day = TwoDigits(text, 8);
  if (month < 1 || month > 12) return false;
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int last = kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
  return day >= 1 && day <= last;
}

template <std::string Metadata::*kMember>
void ReadDate(Node& value, Context context) {
  std::string date;
  if (!ReadString(value, context.key, kMaxOther, date, context.reporter)) return;
  const std::string key = "'" + std::string(context.key) + "'";
  if (IsDate(date, '/')) {
    std::replace(date.begin(), date.end(), '/', '-');
    context.reporter.Warn(value.location, "old-date", key + " has the old form; write " + date);
  } else if (!IsDate(date, '-')) {
    return context.reporter.Invalid(value.location, "wrong-date",
                                    key + " must be a date like 2026-01-31, not " + Quote(date));
  }
  context.metadata.*kMember = std::move(date);
}

void ReadTags(Node& value, Context context) {
  Reporter& reporter = context.reporter;
  const SourceLocation place = value.location;
  if (!ReadStrings(value, context.key, true, context.metadata.tags, reporter)) return;
  for (std::size_t i = 0; i < context.metadata.tags.size(); ++i) {
    const std::string& tag = context.metadata.tags[i];
    const std::size_t dot = tag.find('.');
    if (dot != std::string::npos && dot > 0 && dot + 1 < tag.size()) continue;
    reporter.Warn(i < value.items.size() ? value.items[i].location : place, "tag-form",
                  "tag " + Quote(tag) + " has no namespace, as in attack.t1059");
  }
}

void ReadRelation(Node& entry, Context context) {
  if (entry.kind != Node::Kind::kMap) {
    return WrongType(entry, "an entry of related", "a map of id and type", context.reporter);
  }
  Related related;
  for (Node::Member& member : entry.members) {
    std::size_t index = 0;
    if (member.key == "id") {
      if (ReadString(member.value, "related id", kMaxName, related.id, context.reporter)) {
        CheckId(related.id, member.value, context.reporter);
      }
    } else if (member.key == "type") {
      if (!ReadWord(member.value, "related type", kRelations, &index, context.reporter)) continue;
      related.type = kRelations.at(index);
      if (related.type != "obsoletes") continue;
      related.type = "obsolete";
      context.reporter.Warn(member.value.location, "old-relation",
                            "related type 'obsoletes' is now written 'obsolete'");
    } else {
      context.reporter.Warn(member.key_location, "unknown-field",
                            "'related' has no key " + Quote(member.key));
    }
  }
  for (const std::string_view key : {"id", "type"}) {
    if (entry.Find(key) != nullptr) continue;
    context.reporter.Invalid(entry.location, "missing-field",
                             "an entry of 'related' needs '" + std::string(key) + "'");
  }
  context.metadata.related.push_back(std::move(related));
}

void ReadRelated(Node& value, Context context) {
  if (value.kind != Node::Kind::kSequence) {
    return WrongType(value, context.key, "a list of maps", context.reporter);
  }
  for (Node& entry : value.items) ReadRelation(entry, context);
}

void ReadTaxonomy(Node& value, Context context) {
  context.metadata.taxonomy_location = value.location;
  ReadString(value, "taxonomy", kMaxName, context.metadata.taxonomy, context.reporter);
}

struct Field {
  std::string_view key;
  void (*read)(Node&, Context);
};
constexpr std::array<Field, 17> kFields = {{
    {"title", ReadNonEmptyText<&Metadata::title, kMaxTitle>},
    {"id", ReadId},
    {"name", ReadNonEmptyText<&Metadata::name, kMaxName>},
    {"taxonomy", ReadTaxonomy},
    {"status", ReadStatus},
    {"level", ReadLevel},
    {"description", ReadText<&Metadata::description, kMaxDescription>},
    {"license", ReadText<&Metadata::license, kMaxOther>},
    {"author", ReadText<&Metadata::author, kMaxOther>},
    {"date", ReadDate<&Metadata::date>},
    {"modified", ReadDate<&Metadata::modified>},
    {"references", ReadList<&Metadata::references>},
    {"tags", ReadTags},
    {"fields", ReadList<&Metadata::fields>},
    {"falsepositives", ReadList<&Metadata::falsepositives>},
    {"scope", ReadList<&Metadata::scope>},
    {"related", ReadRelated},
}};

void WarnOfMisspelling(const Node::Member& member, Reporter& reporter) {
  for (const Field& field : kFields) {
    if (EditDistance(member.key, field.key, 1) > 1) continue;
    reporter.Warn(member.key_location, "unknown-field",
                  "unknown key " + Quote(member.key) +
                      " is kept but has no effect, did you mean '" + std::string(field.key) + "'?");
  }
}

void ReadLogSourceMember(Node::Member& member, LogSource& logsource, Reporter& reporter) {
  if (member.key == "definition") {
    ReadString(member.value, "logsource definition", kMaxOther, logsource.definition, reporter);
    return;
  }
  std::string* target = member.key == "product"    ? &logsource.product
                        : member.key == "category" ? &logsource.category
                        : member.key == "service"  ? &logsource.service
                                                   : nullptr;
  if (target == nullptr) {
    logsource.custom.push_back(std::move(member));
    return;
  }
  const std::string key = "logsource " + member.key;
  if (!ReadString(member.value, key, kMaxName, *target, reporter)) return;
  const std::string lower = AsciiLower(*target);
  if (target->empty()) {
    reporter.Invalid(member.value.location, "empty-value", "'" + key + "' is empty; leave it out");
  } else if (lower != *target) {
    reporter.Warn(member.value.location, "logsource-case",
                  "'" + key + "' should be in lower case; read as " + Quote(lower));
    *target = lower;
  }
}

}  // namespace

std::string_view ToString(Level level) { return kLevels.at(static_cast<std::size_t>(level)); }

std::string_view ToString(RuleStatus status) {
  return kStatuses.at(static_cast<std::size_t>(status));
}

const Node* Metadata::FindCustom(std::string_view key) const {
  for (const Node::Member& member : custom) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Metadata ReadMetadata(Node& document, std::span<const std::string_view> own, Reporter& reporter) {
  Metadata metadata;
  metadata.location = document.location;
  metadata.taxonomy_location = document.location;
  bool has_title = false;
  for (Node::Member& member : document.members) {
    if (std::find(own.begin(), own.end(), member.key) != own.end()) continue;
    has_title = has_title || member.key == "title";
    const auto* const field = std::find_if(kFields.begin(), kFields.end(),
                                           [&](const Field& f) { return f.key == member.key; });
    if (field != kFields.end()) {
      field->read(member.value, {field->key, metadata, reporter});
    } else {
      const bool look = metadata.custom.size() < kMaxSpellChecked && member.key.size() >= 4;
      if (look) WarnOfMisspelling(member, reporter);
      metadata.custom.push_back(std::move(member));
    }
  }
  if (!has_title) reporter.Invalid(document.location, "missing-field", "'title' is missing");
  return metadata;
}

LogSource ReadLogSource(Node& value, Reporter& reporter) {
  LogSource logsource;
  logsource.location = value.location;
  if (value.kind != Node::Kind::kMap) {
    WrongType(value, "logsource", "a map of product, category or service", reporter);
    return logsource;
  }
  const std::size_t errors_before = reporter.errors();
  for (Node::Member& member : value.members) ReadLogSourceMember(member, logsource, reporter);
  const bool empty = logsource.product.empty() && logsource.category.empty() &&
                     logsource.service.empty() && logsource.custom.empty();
  if (empty && reporter.errors() == errors_before) {
    reporter.Invalid(value.location, "missing-field",
                     "'logsource' needs at least one of product, category and service");
  }
  return logsource;
}

}  // namespace auditflow::sigma
