#include "cli/finding_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "auditflow/event/json_writer.hpp"

namespace auditflow::cli {
namespace {

using pipeline::EventPosition;
using pipeline::Finding;

constexpr std::size_t kMaxKeyFieldBytes = 200;
constexpr std::size_t kLevelColumns = 13;

/// What tells a person which event this is, in the schemas that have no id of their own.
constexpr std::array<std::string_view, 13> kKeyFields = {
    "event_type", "EventID",         "Channel",     "Provider_Name", "Computer",
    "Hostname",   "host.name",       "eventSource", "eventName",     "sourceIPAddress",
    "user_id",    "server_hostname", "Image"};

template <class Visit>
void ForEachKeyField(const event::Event& event, Visit&& visit) {
  for (const std::string_view field : kKeyFields) {
    std::optional<std::string> text = event::TextAt(event, field);
    if (!text || text->empty()) continue;
    if (text->size() > kMaxKeyFieldBytes) text->resize(kMaxKeyFieldBytes);
    visit(field, *text);
  }
}

std::string NumberText(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end.ptr};
}

std::string Padded(std::string_view text, std::size_t columns) {
  std::string padded = Fit(text, columns);
  padded.append(columns - std::min(columns, DisplayWidth(padded)), ' ');
  return padded;
}

/// One line for a person: the group and count of a correlation, else the event's id or key fields.
std::string Detail(const Finding& finding) {
  std::string detail;
  const auto add = [&detail](std::string_view key, std::string_view value) {
    if (!detail.empty()) detail += ' ';
    detail.append(key).append("=").append(value);
  };
  if (finding.hit != nullptr) {
    add("count", std::to_string(finding.hit->events));
    for (const auto& [field, value] : finding.hit->group) add(field, value);
  } else if (!finding.identity.id_derived) {
    return finding.identity.id.ToString();
  } else {
    ForEachKeyField(*finding.event, add);
  }
  return detail;
}

}  // namespace

std::string LevelName(const sigma::Metadata& metadata) {
  return metadata.level ? std::string(sigma::ToString(*metadata.level)) : std::string();
}

sigma::Level EffectiveLevel(const sigma::Metadata& metadata) {
  return metadata.level.value_or(sigma::Level::kMedium);
}

const std::string& FindingJson::Format(const Finding& finding) {
  line_ = "{";
  Member("kind", finding.hit != nullptr ? "correlation" : "detection");
  Member("rule_id", finding.rule_id);
  Member("title", finding.metadata->title);
  const std::string level = LevelName(*finding.metadata);
  if (level.empty()) {
    Key("level");
    line_ += "null";
  } else {
    Member("level", level);
  }
  if (finding.position) Position(*finding.position);
  Member("event_id", finding.identity.id.ToString());
  if (finding.identity.time) Member("time", finding.identity.time->ToString());
  if (finding.identity.id_derived) KeyFields(*finding.event);
  if (finding.hit != nullptr) Hit(finding);
  if (with_event_) {
    Key("event");
    event::AppendJson(finding.event->root(), *finding.event, line_);
  }
  line_ += '}';
  return line_;
}

void FindingJson::Position(const EventPosition& position) {
  Member("file", files_[position.file]);
  Number("line", position.line);
  Number("index", position.index);
}

void FindingJson::Hit(const Finding& finding) {
  const correlate::CorrelationHit& hit = *finding.hit;
  Key("group");
  line_ += '{';
  for (const auto& [field, value] : hit.group) Member(field, value);
  line_ += '}';
  Number("count", hit.events);
  Key("value");
  line_ += NumberText(hit.value);
  Member("first_time", hit.first_time.ToString());
  Key("contributors");
  line_ += '[';
  for (std::size_t i = 0; i < hit.contributors.size(); ++i) {
    line_ += i == 0 ? "{" : ",{";
    Member("event_id", hit.contributors[i].ToString());
    if (finding.contributors[i]) Position(*finding.contributors[i]);
    line_ += '}';
  }
  line_ += ']';
}

void FindingJson::KeyFields(const event::Event& event) {
  Key("fields");
  line_ += '{';
  ForEachKeyField(event,
                  [this](std::string_view key, std::string_view text) { Member(key, text); });
  line_ += '}';
}

void FindingJson::Member(std::string_view key, std::string_view text) {
  Key(key);
  event::AppendJsonString(text, line_);
}

void FindingJson::Number(std::string_view key, std::uint64_t number) {
  Key(key);
  line_ += std::to_string(number);
}

void FindingJson::Key(std::string_view key) {
  if (line_.back() != '{') line_ += ',';
  event::AppendJsonString(key, line_);
  line_ += ':';
}

FindingTable::FindingTable(const std::vector<std::string>& files, const Terminal& terminal)
    : files_(files), terminal_(terminal) {
  const auto columns = static_cast<std::size_t>(std::max(terminal.columns, 60));
  const std::size_t rest = columns - kLevelColumns - 6;
  rule_columns_ = rest * 2 / 5;
  place_columns_ = rest * 3 / 10;
  detail_columns_ = rest - rule_columns_ - place_columns_;
}

std::string FindingTable::Header() const {
  const std::string line = Padded("LEVEL", kLevelColumns) + "  " + Padded("RULE", rule_columns_) +
                           "  " + Padded("EVENT", place_columns_) + "  DETAILS";
  return Paint(line, Colour::kBold, terminal_);
}

std::string FindingTable::Row(const Finding& finding) const {
  const std::string level = Padded(LevelName(*finding.metadata), kLevelColumns);
  return Paint(level, ColourOf(EffectiveLevel(*finding.metadata)), terminal_) + "  " +
         Padded(finding.metadata->title, rule_columns_) + "  " +
         Padded(Place(finding), place_columns_) + "  " + Fit(Detail(finding), detail_columns_);
}

std::string FindingTable::Place(const Finding& finding) const {
  if (!finding.position) return "?";
  // Of a long path the end tells more.
  const std::string line = ":" + std::to_string(finding.position->line);
  const std::string& file = files_[finding.position->file];
  const std::size_t room = place_columns_ - std::min(place_columns_, line.size());
  if (DisplayWidth(file) <= room || room == 0) return file + line;
  const std::size_t slash = file.find_last_of('/');
  return (slash == std::string::npos ? file : "…" + file.substr(slash)) + line;
}

}  // namespace auditflow::cli
