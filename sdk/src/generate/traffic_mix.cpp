#include "auditflow/generate/traffic_mix.hpp"

#include <algorithm>
#include <array>

namespace auditflow::generate {
namespace {

constexpr ScenarioMix kNoScenarios = {.brute_force = 0,
                                      .password_spraying = 0,
                                      .sensitive_file = 0,
                                      .privilege_escalation = 0,
                                      .privileged_account = 0,
                                      .service_outage = 0,
                                      .log_tampering = 0,
                                      .mass_modification = 0};

constexpr ScenarioMix BruteForceScenarios() {
  ScenarioMix mix = kNoScenarios;
  mix.brute_force = 4;
  mix.password_spraying = 1;
  return mix;
}

constexpr ScenarioMix InsiderScenarios() {
  ScenarioMix mix = kNoScenarios;
  mix.insider = 2;
  mix.sensitive_file = 1;
  mix.privilege_escalation = 1;
  return mix;
}

constexpr std::array<TrafficMix, 5> kMixes = {{
    {"standard", "Ordinary work; one event in a hundred begins an attack of any kind.",
     Background::kUsual, 0.01, ScenarioMix{}},
    {"uniform", "Every kind of event as often as the others, as the Python generator makes them.",
     Background::kUniform, 0, kNoScenarios},
    {"quiet_day", "Work in which there is nothing to find.", Background::kQuiet, 0, kNoScenarios},
    {"brute_force", "A quiet day with passwords guessed: bursts for one account, sprays over many.",
     Background::kQuiet, 0.02, BruteForceScenarios()},
    {"insider", "A quiet day with trusted users who take more rights and cover their tracks.",
     Background::kQuiet, 0.01, InsiderScenarios()},
}};

}  // namespace

std::span<const TrafficMix> TrafficMixes() { return kMixes; }

Result<TrafficMix> FindTrafficMix(std::string_view name) {
  const auto* const found = std::ranges::find(kMixes, name, &TrafficMix::name);
  if (found != kMixes.end()) return *found;
  return Error(InvalidArgument("there is no such mix; choose one of " + TrafficMixNames(", ")));
}

std::string TrafficMixNames(std::string_view separator) {
  std::string names;
  for (const TrafficMix& mix : kMixes) {
    if (!names.empty()) names += separator;
    names += mix.name;
  }
  return names;
}

}  // namespace auditflow::generate
