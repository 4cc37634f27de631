#include "auditflow/match/matcher.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "src/match/compiled_rules.hpp"
#include "src/match/event_answers.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {

struct Matcher::Impl {
  explicit Impl(std::shared_ptr<const RuleSet> set)
      : rule_set(std::move(set)),
        rules(*rule_set->rules_),
        answers(rules),
        memos(rules.partitions.size()),
        candidates(rules.rules.size()),
        routes(rules.router ? rules.router->routes().size() : 0),
        route_holds(rules.router ? rules.router->routes().size() : 0, 0),
        activated(rules.partitions.size(), 0) {}

  void Match(const event::Event& event) {
    ++pass;
    answers.Begin(event);
    ChoosePartitions();
    candidates.Begin();
    for (const std::uint32_t p : active) answers.Answer(rules.partitions[p], memos[p], candidates);
    matches.clear();
    for (const RuleSlot slot : candidates.slots()) {
      const CompiledRules::Rule& rule = rules.rules[slot];
      if (answers.Holds(rule.program)) matches.push_back(rule.index);
    }
    std::sort(matches.begin(), matches.end());
  }

  std::optional<event::Value> MappedValue(const event::Event& event, std::string_view name) {
    using Standing = FieldMapper::Standing;
    const auto field = rules.fields.Find(name);
    const Standing standing = field ? rules.mapper.StandingOf(*field) : Standing::kNone;
    if (standing == Standing::kNone) return std::nullopt;
    const bool has_itself = event::ForEachAt(event, name, [](event::Value) {});
    if (has_itself && standing == Standing::kOnlyIfMissing) return std::nullopt;
    ++pass;
    answers.Begin(event);
    ChoosePartitions();
    std::optional<event::Value> value;
    answers.values().ForEach(*field, [&](event::Value any) { value = any; });
    const auto scalar = FirstScalar(answers.values(), *field);
    return scalar ? scalar : value;
  }

  void ChoosePartitions() {
    active.clear();
    if (!rules.router) {
      for (std::uint32_t p = 0; p < rules.partitions.size(); ++p) Activate(p);
      return;
    }
    routes.Begin();
    answers.Answer(*rules.routing, route_memos, routes);
    for (const RuleSlot slot : routes.slots()) {
      const Router::Route& route = rules.router->routes()[slot];
      if (!answers.Holds(route.program)) continue;
      route_holds[slot] = pass;
      const auto& partitions = route.IsStated() ? StatedPartitions(route) : route.partitions;
      for (const std::uint32_t p : partitions) Activate(p);
    }
    if (rules.mapper.empty()) return;
    answers.MapFields(rules.mapper,
                      [this](std::uint32_t route) { return route_holds[route] == pass; });
  }

  void Activate(std::uint32_t partition) {
    if (activated[partition] == pass) return;
    activated[partition] = pass;
    active.push_back(partition);
  }

  /// What events state is input: what is remembered of it is bounded.
  const std::vector<std::uint32_t>& StatedPartitions(const Router::Route& route) {
    stated_key = route.key;
    for (std::size_t part = 0; part < stated_key.size(); ++part) {
      if (route.stated[part]) stated_key[part] = StatedPart(*route.stated[part]);
    }
    const auto known = stated_partitions.find(stated_key);
    if (known != stated_partitions.end()) return known->second;
    if (stated_partitions.size() == kMostStatedKeys) stated_partitions.clear();
    return stated_partitions.emplace(stated_key, rules.router->PartitionsOf(stated_key))
        .first->second;
  }

  [[nodiscard]] std::string_view StatedPart(FieldId field) const {
    std::string_view part;
    answers.values().ForEach(field, [&](event::Value value) {
      const auto text = TextOf(answers.event(), value);
      if (text && text->size() <= kLongestStatedPart) part = *text;
    });
    return part;
  }

  static constexpr std::size_t kMostStatedKeys = 1024;
  static constexpr std::size_t kLongestStatedPart = 128;

  std::shared_ptr<const RuleSet> rule_set;
  const CompiledRules& rules;
  EventAnswers answers;
  std::vector<FieldMemos> memos;  ///< by partition
  FieldMemos route_memos;
  // What belongs to the event at hand carries its number, so that nothing has to be cleared.
  std::uint64_t pass = 0;
  Nominations candidates;
  Nominations routes;
  std::vector<std::uint64_t> route_holds;  ///< by route
  std::vector<std::uint64_t> activated;    ///< by partition
  std::vector<std::uint32_t> active;
  std::vector<RuleIndex> matches;
  LogsourceKey stated_key;
  std::map<LogsourceKey, std::vector<std::uint32_t>> stated_partitions;
};

Matcher::Matcher(std::shared_ptr<const RuleSet> rule_set)
    : impl_(std::make_unique<Impl>(std::move(rule_set))) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

std::span<const RuleIndex> Matcher::Match(const event::Event& event) {
  impl_->Match(event);
  return impl_->matches;
}

std::optional<event::Value> Matcher::MappedValue(const event::Event& event,
                                                 std::string_view field) {
  return impl_->MappedValue(event, field);
}

const std::shared_ptr<const RuleSet>& Matcher::rule_set() const { return impl_->rule_set; }

}  // namespace auditflow::match
