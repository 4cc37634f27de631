#include "cli/event_argument.hpp"

#include <memory>
#include <utility>

#include "auditflow/event/json_stream.hpp"
#include "auditflow/input/reader.hpp"

namespace auditflow::cli {
namespace {

Status Fault(const EventArgument& argument, const std::string& what) {
  return InvalidArgument((argument.file == "-" ? "standard input" : argument.file) + ": " + what);
}

Status FaultAt(const EventArgument& argument, std::uint64_t line, const std::string& what) {
  return Fault(argument, "line " + std::to_string(line) + ": " + what);
}

Result<ChosenEvent> Parse(const EventArgument& argument, const event::StreamItem& item) {
  if (!item.status.ok()) return Error(FaultAt(argument, item.line, item.status.message()));
  auto parsed = event::EventParser().Parse(item.text);
  if (!parsed) return Error(FaultAt(argument, item.line, parsed.error().message()));
  return ChosenEvent{std::move(*parsed), item.line};
}

/// The event that begins on the line. Reads no further.
Result<ChosenEvent> AtLine(const EventArgument& argument, event::JsonStream& stream) {
  while (const auto item = stream.Next()) {
    if (item->line == *argument.line) return Parse(argument, *item);
    if (item->line > *argument.line) break;
  }
  return Error(FaultAt(argument, *argument.line, "no event begins here"));
}

Result<ChosenEvent> OnlyOne(const EventArgument& argument, event::JsonStream& stream) {
  const auto first = stream.Next();
  if (!first) return Error(Fault(argument, "there is no event in it"));
  auto chosen = Parse(argument, *first);
  if (chosen && stream.Next()) {
    return Error(Fault(argument, "there is more than one event in it; choose with --line"));
  }
  return chosen;
}

}  // namespace

Result<ChosenEvent> ReadEvent(const EventArgument& argument) {
  auto opened = input::Reader::Open(argument.file);
  if (!opened) return Error(Fault(argument, opened.error().message()));
  event::JsonStream stream(
      [&reader = **opened](char* out, std::size_t room) { return reader.Read(out, room); });
  return argument.line ? AtLine(argument, stream) : OnlyOne(argument, stream);
}

}  // namespace auditflow::cli
