#pragma once

#include <deque>

#include "auditflow/generate/event_generator.hpp"

#include "src/generate/planned_event.hpp"

namespace auditflow::generate {

/// Appends the events of one scenario, drawn by the mix's weights. None if all of them are 0.
void PlanScenario(const ScenarioMix& mix, RandomSource& random, std::deque<PlannedEvent>& plan);

}  // namespace auditflow::generate
