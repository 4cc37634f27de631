#include "auditflow/match/matcher.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "src/match/compiled_rules.hpp"
#include "src/match/event_answers.hpp"
#include "src/match/event_routing.hpp"
#include "src/match/scalar_test.hpp"
#include "src/match/serial_memo.hpp"

namespace auditflow::match {

struct Matcher::Impl {
  explicit Impl(std::shared_ptr<const RuleSet> set)
      : rule_set(std::move(set)),
        rules(*rule_set->rules_),
        answers(rules),
        memories(rules.partitions.size()),
        candidates(rules.rules.size()),
        routing(rules) {
    for (std::size_t p = 0; p < memories.size(); ++p) {
      memories[p].partition = &rules.partitions[p];
      memories[p].number = p;
      memories[p].memos.resize(rules.fields.size());
    }
  }

  void Match(const event::Event& event) {
    answers.Begin(event);
    const std::span<const std::uint32_t> partitions = routing.Choose(answers);
    matches.clear();
    if (partitions.empty()) return;
    candidates.Begin();
    if (!MayFollowFromValues() || !results.IsWorthAsking()) {
      for (const std::uint32_t p : partitions) answers.Answer(memories[p], candidates);
      return Evaluate();
    }
    serials.assign(1, routing.destination());
    answers.ForgetRemembered();
    bool is_memorable = true;
    for (const std::uint32_t p : partitions) {
      is_memorable = answers.Remember(memories[p], serials) && is_memorable;
    }
    if (is_memorable) {
      if (const auto* known = results.Find(event.layout(), serials)) {
        matches = *known;
        return;
      }
    }
    for (const std::uint32_t p : partitions) answers.AnswerRemembered(memories[p], candidates);
    Evaluate();
    if (is_memorable) results.Add(event.layout(), serials, matches);
  }

  /// Values that a field map has added are not remembered as such.
  [[nodiscard]] bool MayFollowFromValues() const {
    return routing.destination() != 0 && answers.values().added().empty();
  }

  void Evaluate() {
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
    answers.Begin(event);
    routing.Choose(answers);
    std::optional<event::Value> value;
    answers.values().ForEach(*field, [&](event::Value any) { value = any; });
    const auto scalar = FirstScalar(answers.values(), *field);
    return scalar ? scalar : value;
  }

  std::shared_ptr<const RuleSet> rule_set;
  const CompiledRules& rules;
  EventAnswers answers;
  std::vector<PartitionMemory> memories;  ///< by partition
  Nominations candidates;
  EventRouting routing;
  SerialMemo<std::vector<RuleIndex>> results;
  std::vector<std::uint64_t> serials;
  std::vector<RuleIndex> matches;
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
