#include "cli/bench_lane.hpp"

#include <filesystem>
#include <utility>

#include "auditflow/event/event.hpp"
#include "auditflow/event/json_stream.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/input/reader.hpp"

#include "cli/plain_walk.hpp"

namespace auditflow::cli {
namespace {

constexpr std::size_t kGeneratedEvents = 20'000;
constexpr std::size_t kMostBytes = 1'000'000'000;

void Add(std::string event, BenchLane& lane) {
  lane.bytes += event.size();
  AddPadding(event);
  lane.events.push_back(std::move(event));
}

void Read(event::JsonStream& stream, BenchLane& lane) {
  event::EventParser parser;
  event::Event event;
  while (const auto item = stream.Next()) {
    if (lane.bytes + item->text.size() > kMostBytes) {
      lane.cut = true;
      return;
    }
    if (item->status.ok() && parser.ParseInto(item->text, event).ok()) {
      Add(std::string(item->text), lane);
    } else {
      ++lane.faulty;
    }
  }
}

}  // namespace

BenchLane GeneratedLane() {
  BenchLane lane;
  lane.name = "generated";
  auto generator = generate::EventGenerator::Create({});
  for (std::size_t i = 0; generator && i < kGeneratedEvents; ++i) Add(generator->Next(), lane);
  return lane;
}

Result<BenchLane> FileLane(const std::string& file) {
  auto opened = input::Reader::Open(file);
  if (!opened) return Error(InvalidArgument(file + ": " + opened.error().message()));
  event::JsonStream stream(
      [&reader = **opened](char* out, std::size_t room) { return reader.Read(out, room); });
  BenchLane lane;
  lane.name = file == "-" ? "stdin" : std::filesystem::path(file).stem().string();
  Read(stream, lane);
  if (lane.events.empty()) return Error(InvalidArgument(file + ": there is no event in it"));
  return lane;
}

}  // namespace auditflow::cli
