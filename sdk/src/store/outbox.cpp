#include "auditflow/store/outbox.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "auditflow/core/utf8.hpp"

namespace auditflow::store {
namespace {

constexpr std::size_t kLongestChannel = 64;
constexpr std::size_t kLongestError = 1000;

constexpr std::array<std::pair<std::string_view, int>, 8> kRanks = {{{"INFO", 0},
                                                                     {"INFORMATIONAL", 0},
                                                                     {"LOW", 1},
                                                                     {"MEDIUM", 2},
                                                                     {"WARNING", 2},
                                                                     {"HIGH", 3},
                                                                     {"ERROR", 3},
                                                                     {"CRITICAL", 4}}};

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool EqualInEitherCase(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return Upper(a) == b; });
}

bool IsChannelName(std::string_view name) {
  if (name.empty() || name.size() > kLongestChannel || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool HasOrIsEmpty(const std::vector<std::string>& list, const std::string& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool IsSevereEnough(const std::string& minimum, const std::string& severity) {
  const std::optional<int> wanted = SeverityRank(minimum);
  const std::optional<int> rank = SeverityRank(severity);
  return !wanted || !rank || *rank >= *wanted;
}

}  // namespace

std::optional<int> SeverityRank(std::string_view severity) {
  for (const auto& [name, rank] : kRanks) {
    if (EqualInEitherCase(severity, name)) return rank;
  }
  return std::nullopt;
}

bool Takes(const OutboxTarget& target, const alert::Alert& alert) {
  return IsSevereEnough(target.min_severity, alert.severity) &&
         HasOrIsEmpty(target.rule_ids, alert.analysis_rule.rule_id) &&
         HasOrIsEmpty(target.alert_types, alert.alert_type);
}

Status Validate(std::span<const OutboxTarget> targets) {
  std::unordered_set<std::string_view> names;
  for (const OutboxTarget& target : targets) {
    if (!IsChannelName(target.channel)) {
      return InvalidArgument(
          "channel: must have 1 to 64 of a-z, 0-9, '_' and '-', beginning with a letter");
    }
    if (!names.insert(target.channel).second) {
      return InvalidArgument("channel: there are two with the name " + target.channel);
    }
    if (!target.min_severity.empty() && !SeverityRank(target.min_severity)) {
      return InvalidArgument(
          "min_severity: is none of INFO, LOW, MEDIUM, WARNING, HIGH, ERROR "
          "and CRITICAL");
    }
  }
  return Status();
}

std::string IdempotencyKey(const Uuid& alert_id, std::string_view channel) {
  return Uuid::V5(alert_id, channel).ToString();
}

std::string StorableError(std::string_view error) {
  std::string text;
  while (!error.empty()) {
    const Utf8Step step = DecodeUtf8(error);
    const bool is_control = step.valid && (step.code_point < 0x20 || step.code_point == 0x7F);
    const std::string_view next =
        is_control ? " " : (step.valid ? error.substr(0, step.length) : "\xEF\xBF\xBD");
    if (text.size() + next.size() > kLongestError) break;
    text += next;
    error.remove_prefix(step.length);
  }
  return text;
}

}  // namespace auditflow::store
