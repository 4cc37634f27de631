#include "src/match/event_routing.hpp"

#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "src/match/alias_reader.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

constexpr std::size_t kMostStatedKeys = 1024;
constexpr std::size_t kLongestStatedPart = 128;

/// As `event::TextAt` finds it.
std::string_view StatedPart(const EventAnswers& answers, FieldId field) {
  const auto scalar = FirstScalar(answers.values(), field);
  const auto text = scalar ? TextOf(answers.event(), *scalar) : std::nullopt;
  return text && text->size() <= kLongestStatedPart ? *text : std::string_view();
}

}  // namespace

EventRouting::EventRouting(const CompiledRules& rules)
    : rules_(rules),
      memory_{rules.routing.get(), rules.partitions.size(), FieldMemos(rules.fields.size()), {}},
      nominated_(rules.router ? rules.router->routes().size() : 0),
      route_holds_(rules.router ? rules.router->routes().size() : 0, 0),
      activated_(rules.partitions.size(), 0) {
  if (!rules.router) {
    active_.resize(rules.partitions.size());
    std::iota(active_.begin(), active_.end(), 0U);
    return;
  }
  for (const Router::Route& route : rules.router->routes()) {
    for (const auto& field : route.stated) {
      if (field) memory_.read_too.push_back(*field);
    }
  }
}

std::span<const std::uint32_t> EventRouting::Choose(EventAnswers& answers) {
  destination_ = 0;
  if (!rules_.router) return active_;
  if (answers.plan() != nullptr) return ChoosePlanned(answers);
  nominated_.Begin();
  answers.Answer(memory_, nominated_);
  AskMap(answers);
  answers.MapFields(rules_.mapper,
                    [this](std::uint32_t route) { return route_holds_[route] == pass_; });
  return active_;
}

std::span<const std::uint32_t> EventRouting::ChoosePlanned(EventAnswers& answers) {
  const std::uint64_t layout = answers.plan()->layout();
  values_.clear();
  const bool is_memorable = answers.Remember(memory_, values_);
  if (is_memorable) {
    if (const Destination* known = memo_.Find(layout, values_)) {
      answers.MapFields(known->aliases);
      destination_ = known->number;
      return known->partitions;
    }
  }
  nominated_.Begin();
  answers.AnswerRemembered(memory_, nominated_);
  AskMap(answers);
  std::vector<CountingAlias> aliases = answers.AliasesThatCount(
      rules_.mapper, [this](std::uint32_t route) { return route_holds_[route] == pass_; });
  answers.MapFields(aliases);
  if (is_memorable) {
    destination_ = ++last_destination_;
    memo_.Add(layout, values_, {destination_, active_, std::move(aliases)});
  }
  return active_;
}

/// Which of the nominated documents hold, and where they lead.
void EventRouting::AskMap(EventAnswers& answers) {
  ++pass_;
  active_.clear();
  for (const RuleSlot slot : nominated_.slots()) {
    const Router::Route& route = rules_.router->routes()[slot];
    if (!answers.Holds(route.program)) continue;
    route_holds_[slot] = pass_;
    const auto& partitions = route.IsStated() ? StatedPartitions(route, answers) : route.partitions;
    for (const std::uint32_t p : partitions) Activate(p);
  }
}

void EventRouting::Activate(std::uint32_t partition) {
  if (activated_[partition] == pass_) return;
  activated_[partition] = pass_;
  active_.push_back(partition);
}

/// What events state is input: what is remembered of it is bounded.
const std::vector<std::uint32_t>& EventRouting::StatedPartitions(const Router::Route& route,
                                                                 const EventAnswers& answers) {
  stated_key_ = route.key;
  for (std::size_t part = 0; part < stated_key_.size(); ++part) {
    if (route.stated[part]) stated_key_[part] = StatedPart(answers, *route.stated[part]);
  }
  const auto known = stated_partitions_.find(stated_key_);
  if (known != stated_partitions_.end()) return known->second;
  if (stated_partitions_.size() == kMostStatedKeys) stated_partitions_.clear();
  return stated_partitions_.emplace(stated_key_, rules_.router->PartitionsOf(stated_key_))
      .first->second;
}

}  // namespace auditflow::match
