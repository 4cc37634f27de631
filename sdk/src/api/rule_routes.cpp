#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "auditflow/api/rules.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/rule_json.hpp"

namespace auditflow::api {
namespace {

/// `/rules` as it is asked for.
struct RuleQuery {
  std::string_view kind;
  std::string_view level;
  std::string_view tag;
  std::string_view text;
  std::uint32_t limit = 0;
  std::uint32_t offset = 0;
};

Result<std::uint32_t> ReadCount(const http::Request& request, std::string_view name,
                                std::uint32_t fallback, std::uint32_t least) {
  const std::optional<std::string_view> text = request.Query(name);
  if (!text) return fallback;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= least) return value;
  return Error(InvalidArgument(std::string(name) + ": an integer of at least " +
                               std::to_string(least) + " expected"));
}

Status CheckChoice(std::string_view name, std::string_view value,
                   std::initializer_list<std::string_view> choices) {
  if (value.empty() || std::ranges::find(choices, value) != choices.end()) return {};
  std::string message(name);
  const char* separator = ": expected ";
  for (const std::string_view choice : choices) {
    message.append(separator).append(choice);
    separator = ", ";
  }
  return InvalidArgument(std::move(message));
}

Result<RuleQuery> ReadRuleQuery(const http::Request& request, const RuleRoutesOptions& options) {
  RuleQuery query;
  query.kind = request.Query("kind").value_or("");
  query.level = request.Query("level").value_or("");
  query.tag = request.Query("tag").value_or("");
  query.text = request.Query("q").value_or("");
  Status status = CheckChoice("kind", query.kind, {"detection", "correlation"});
  if (status.ok()) {
    status =
        CheckChoice("level", query.level, {"informational", "low", "medium", "high", "critical"});
  }
  if (!status.ok()) return Error(status);
  const auto limit = ReadCount(request, "limit", options.default_limit, 1);
  if (!limit) return Error(limit.error());
  const auto offset = ReadCount(request, "offset", 0, 0);
  if (!offset) return Error(offset.error());
  query.limit = std::min(*limit, options.max_limit);
  query.offset = *offset;
  return query;
}

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool ContainsText(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return LowerAscii(a) == LowerAscii(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool Fits(const RuleEntry& rule, const RuleQuery& query) {
  const sigma::Metadata& metadata = *rule.metadata;
  if (!query.kind.empty() && query.kind != rule.kind()) return false;
  if (!query.level.empty() &&
      query.level != (metadata.level ? sigma::ToString(*metadata.level) : "medium")) {
    return false;
  }
  if (!query.tag.empty() && std::ranges::find(metadata.tags, query.tag) == metadata.tags.end()) {
    return false;
  }
  return query.text.empty() || ContainsText(rule.alert->rule_id, query.text) ||
         ContainsText(rule.alert->rule_name, query.text) ||
         ContainsText(metadata.title, query.text);
}

/// How often each rule matched, for one request.
class MatchCounts {
 public:
  explicit MatchCounts(const RuleSources& sources) : known_(static_cast<bool>(sources.numbers)) {
    if (!known_) return;
    for (const observe::RuleNumbers& numbers : sources.numbers()) {
      counts_[numbers.rule_id] += numbers.matches;
    }
  }

  [[nodiscard]] std::int64_t Of(const RuleEntry& rule) const {
    if (!known_) return -1;
    const auto found = counts_.find(rule.alert->rule_id);
    return found == counts_.end() ? 0 : static_cast<std::int64_t>(found->second);
  }

 private:
  bool known_;
  std::unordered_map<std::string, std::uint64_t> counts_;
};

http::Response ListRules(const http::Request& request, const RuleSources& sources,
                         const RuleRoutesOptions& options) {
  const Result<RuleQuery> query = ReadRuleQuery(request, options);
  if (!query) return http::ProblemFrom(query.error());
  const std::shared_ptr<const pipeline::RulePackage> package = sources.rules();
  const MatchCounts counts(sources);
  std::string rows;
  std::size_t total = 0;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < package->rule_count(); ++i) {
    const RuleEntry rule = EntryOf(*package, i);
    if (!Fits(rule, *query)) continue;
    if (total++ < query->offset || shown == query->limit) continue;
    if (shown++ > 0) rows += ',';
    AppendRule(*package, rule, counts.Of(rule), RuleDetail::kSummary, rows);
  }
  return http::Response::Json(200,
                              "{\"total\":" + std::to_string(total) + ",\"rules\":[" + rows + "]}");
}

/// The rule that goes by a name: its id in alerts comes before what its document is called.
std::optional<RuleEntry> FindRule(const pipeline::RulePackage& package, std::string_view name) {
  std::optional<RuleEntry> by_document;
  for (std::size_t i = 0; i < package.rule_count(); ++i) {
    const RuleEntry rule = EntryOf(package, i);
    if (rule.alert->rule_id == name) return rule;
    const bool named = rule.metadata->id == name || rule.metadata->name == name;
    if (named && !by_document) by_document = rule;
  }
  return by_document;
}

http::Response GetRule(const http::Request& request, const RuleSources& sources) {
  const std::shared_ptr<const pipeline::RulePackage> package = sources.rules();
  const std::optional<RuleEntry> rule = FindRule(*package, request.Param("id"));
  if (!rule) return http::Problem(404, "There is no rule of this id, Sigma id or name in use.");
  std::string body;
  AppendRule(*package, *rule, MatchCounts(sources).Of(*rule), RuleDetail::kWhole, body);
  return http::Response::Json(200, std::move(body));
}

}  // namespace

void AddRuleRoutes(http::Router& router, RuleSources sources, const RuleRoutesOptions& options) {
  const std::string scope = "rules:read";
  router.Get(
      "/rules",
      [sources, options](const http::Request& request) {
        return ListRules(request, sources, options);
      },
      scope);
  router.Get(
      "/rules/{id}",
      [sources = std::move(sources)](const http::Request& request) {
        return GetRule(request, sources);
      },
      scope);
}

}  // namespace auditflow::api
