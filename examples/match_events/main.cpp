// Reads a Sigma rule from a string and says which of a few events it matches.

#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace {

using auditflow::Result;
namespace event = auditflow::event;
namespace match = auditflow::match;
namespace sigma = auditflow::sigma;

constexpr std::string_view kRule = R"(
title: Root shell through sudo
level: high
logsource:
  product: auditflow
  category: sudo
detection:
  selection:
    event_type: sudo_command
    details.command|endswith: [/bash, /sh]
  maintenance:
    user_id: devops_admin
  condition: selection and not maintenance
)";

constexpr std::array<std::string_view, 4> kEvents = {
    R"({"event_type":"sudo_command","user_id":"app_user","details":{"command":"/bin/bash"}})",
    R"({"event_type":"sudo_command","user_id":"devops_admin","details":{"command":"/bin/sh"}})",
    R"({"event_type":"sudo_command","user_id":"app_user","details":{"command":"/bin/ls"}})",
    R"({"event_type":"sudo_command","user_id":"app_user","user_id":"devops_admin"})",
};

void Print(const std::vector<sigma::Diagnostic>& diagnostics) {
  for (const sigma::Diagnostic& diagnostic : diagnostics) std::puts(diagnostic.ToString().c_str());
}

}  // namespace

int main() {
  // Each step leaves out what cannot be used and says why, with file, line and column.
  sigma::LoadResult loaded = sigma::LoadText(kRule, "root_shell.yml");
  const sigma::LinkResult linked = sigma::Link(std::move(loaded.rules));
  const match::CompileResult compiled = match::RuleSet::Compile(linked.linked);
  Print(loaded.diagnostics);
  Print(linked.diagnostics);
  Print(compiled.diagnostics);
  if (compiled.rule_set->rule_count() != 1) return 1;

  // Both keep their memory from one event to the next: one of each per thread.
  event::EventParser parser;
  match::Matcher matcher(compiled.rule_set);

  std::size_t matches = 0;
  for (const std::string_view json : kEvents) {
    const Result<event::Event> event = parser.Parse(json);
    if (!event) {
      std::printf("refused: %s\n", event.error().message().c_str());
      continue;
    }
    for (const match::RuleIndex rule : matcher.Match(*event)) {
      const sigma::DetectionRule& matched = linked.linked.rules.detections[rule];
      std::printf("%s: %.*s\n", matched.metadata.title.c_str(), static_cast<int>(json.size()),
                  json.data());
      ++matches;
    }
  }
  return matches == 1 ? 0 : 1;
}
