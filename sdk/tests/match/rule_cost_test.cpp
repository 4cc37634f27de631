#include "auditflow/match/rule_cost.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/sigma/loader.hpp"

namespace auditflow::match {
namespace {

std::shared_ptr<const sigma::LinkedRules> Load(std::string_view yaml) {
  sigma::LoadResult loaded = sigma::LoadText(yaml, "rule.yml");
  return std::make_shared<const sigma::LinkedRules>(sigma::Link(std::move(loaded.rules)).linked);
}

/// Says one time after the other.
class ScriptedClock final : public Clock {
 public:
  explicit ScriptedClock(std::vector<int> micros) : micros_(std::move(micros)) {}
  [[nodiscard]] Timestamp Now() const override { return {}; }
  [[nodiscard]] Duration Monotonic() const override {
    return std::chrono::microseconds(micros_.at(next_++));
  }
  bool SleepFor(Duration /*d*/, const std::stop_token& /*stop*/) override { return true; }

 private:
  std::vector<int> micros_;
  mutable std::size_t next_ = 0;
};

constexpr std::string_view kRules = R"(title: Cheap
logsource: {product: windows}
detection: {s: {a: 1}, condition: s}
---
title: Dear
logsource: {product: windows, category: process_creation}
detection: {s: {a|re: '(x+x+)+y'}, condition: s}
---
title: Refused
logsource: {product: windows}
detection: {s: {a|re: '(?<=x)y'}, condition: s}
)";

TEST(RuleCost, IsTheTimeWithTheRuleLessThatWithoutAny) {
  const RuleCost cost(Load(kRules), {});
  const auto event = event::EventParser().Parse(R"({"a": "xxy"})");
  const std::vector<const event::Event*> events(5, &*event);
  EXPECT_EQ(cost.Measure(0, events, ScriptedClock({0, 10, 20, 50}))->taken,
            std::chrono::microseconds(20));
  EXPECT_EQ(cost.Measure(1, events, ScriptedClock({0, 10, 20, 25}))->taken, Duration{0});
}

TEST(RuleCost, OfARuleThatIsNoneOrCannotBeCompiledIsNothing) {
  const RuleCost cost(Load(kRules), {});
  EXPECT_FALSE(cost.Measure(2, {}, SystemClock()));
  EXPECT_FALSE(cost.Measure(3, {}, SystemClock()));
}

TEST(RuleCost, RoutesAndMapsFieldsAsTheRuleSetDoes) {
  CompileOptions options;
  options.logsource_map = Load(R"(title: Mapped
logsource: {product: windows, category: process_creation}
detection: {s: {id: 1}, condition: s}
auditflow: {fields: {a: other}}
---
title: Elsewhere
logsource: {product: linux}
detection: {s: {id: 2}, condition: s}
---
title: Stated
logsource: {product: '%product%', category: '%category%'}
detection: {s: {product|exists: true}, condition: s}
)");
  const RuleCost cost(Load(kRules), options);
  const auto matches = [&](std::string_view json) {
    const auto event = event::EventParser().Parse(json);
    const std::vector<const event::Event*> events(3, &*event);
    return cost.Measure(1, events, SystemClock())->matches;
  };
  EXPECT_EQ(matches(R"({"id": 1, "other": "xxy"})"), 3U);
  EXPECT_EQ(matches(R"({"id": 2, "other": "xxy", "a": "xxy"})"), 0U);
  EXPECT_EQ(matches(R"({"product": "windows", "category": "process_creation", "a": "xxy"})"), 3U);
}

}  // namespace
}  // namespace auditflow::match
