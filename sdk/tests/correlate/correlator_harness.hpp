#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/correlate/correlator.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {

inline constexpr std::string_view kDetections = R"(
title: Failed login
name: failed
logsource: {product: auditflow}
detection: {selection: {type: failed}, condition: selection}
---
title: Login
name: login
logsource: {product: auditflow}
detection: {selection: {type: login}, condition: selection}
---
title: Sudo
name: sudo
logsource: {product: auditflow}
detection: {selection: {type: sudo}, condition: selection}
)";

inline constexpr std::string_view kBurst = R"(
title: Burst
name: burst
correlation:
  type: event_count
  rules: [failed]
  group-by: [user, host]
  timespan: 60s
  condition: {gte: 3}
)";

inline std::shared_ptr<const sigma::LinkedRules> Rules(std::string_view correlations) {
  std::string text(kDetections);
  if (!correlations.empty()) text.append("---\n").append(correlations);
  auto loaded = sigma::LoadText(text, "rules.yml");
  for (const auto& diagnostic : loaded.diagnostics) ADD_FAILURE() << diagnostic.ToString();
  auto linked = sigma::Link(std::move(loaded.rules));
  for (const auto& diagnostic : linked.diagnostics) ADD_FAILURE() << diagnostic.ToString();
  return std::make_shared<const sigma::LinkedRules>(std::move(linked.linked));
}

/// Feeds events whose matches are given by the names of the detections.
class Harness {
 public:
  explicit Harness(std::string_view correlations, const CorrelatorOptions& options = {},
                   const Correlator::StoreFactory& store = nullptr)
      : rules_(Rules(correlations)) {
    auto correlator = Correlator::Create(rules_, store, options);
    EXPECT_TRUE(correlator.has_value()) << correlator.error().ToString();
    if (correlator) correlator_ = *std::move(correlator);
  }

  Harness& Add(std::uint32_t id, Timestamp time, std::initializer_list<std::string_view> matches,
               std::string_view json) {
    return Add(id, time, time, matches, json);
  }
  Harness& Add(std::uint32_t id, Timestamp time, Timestamp arrival,
               std::initializer_list<std::string_view> matches, std::string_view json) {
    auto event = parser_.Parse(json);
    EXPECT_TRUE(event.has_value()) << event.error().ToString();
    events_.push_back(*std::move(event));
    auto& indices = matches_.emplace_back();
    for (std::uint32_t i = 0; i < rules_->rules.detections.size(); ++i) {
      const auto& name = rules_->rules.detections[i].metadata.name;
      if (std::find(matches.begin(), matches.end(), name) != matches.end()) indices.push_back(i);
    }
    batch_.push_back({&events_.back(), Id(id), time, arrival, indices});
    return *this;
  }

  std::vector<CorrelationHit> Observe() {
    auto hits = correlator_->Observe(batch_);
    batch_.clear();
    EXPECT_TRUE(hits.has_value()) << hits.error().ToString();
    return hits.value_or(std::vector<CorrelationHit>());
  }
  /// The same in batches of one event.
  std::vector<CorrelationHit> ObserveOneByOne() {
    std::vector<CorrelationHit> all;
    for (const Observation& observation : batch_) {
      auto hits = correlator_->Observe({&observation, 1});
      EXPECT_TRUE(hits.has_value());
      std::move(hits->begin(), hits->end(), std::back_inserter(all));
    }
    batch_.clear();
    return all;
  }
  std::vector<CorrelationHit> Finish() { return correlator_->Release(kEndOfInput).value(); }
  Correlator& operator*() { return *correlator_; }
  Correlator* operator->() { return correlator_.get(); }
  std::span<const Observation> batch() const { return batch_; }

 private:
  std::shared_ptr<const sigma::LinkedRules> rules_;
  std::unique_ptr<Correlator> correlator_;
  event::EventParser parser_;
  std::deque<event::Event> events_;
  std::deque<std::vector<std::uint32_t>> matches_;
  std::vector<Observation> batch_;
};

/// The numbers of the events that made the hits.
inline std::vector<std::uint32_t> Triggers(const std::vector<CorrelationHit>& hits) {
  std::vector<std::uint32_t> numbers;
  for (const auto& hit : hits) numbers.push_back(Number(hit.event_id));
  return numbers;
}

}  // namespace auditflow::correlate
