#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "auditflow/core/result.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::cli {

/// The event that a command is about.
struct EventArgument {
  std::string file;                   ///< "-" is standard input; plain or compressed
  std::optional<std::uint64_t> line;  ///< on which the event begins, from 1; nothing: the only one
};

struct ChosenEvent {
  event::Event event;
  std::uint64_t line = 0;
};

/// @return the reason in words that name file and line: no such file or line, no event, several
/// without a choice, or malformed.
Result<ChosenEvent> ReadEvent(const EventArgument& argument);

}  // namespace auditflow::cli
