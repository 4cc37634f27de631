#include "auditflow/generate/event_completer.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "auditflow/core/random.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"

#include "src/generate/planned_event.hpp"

namespace auditflow::generate {
namespace {

using event::Event;
using event::Value;

// In the order of the contract.
constexpr std::array<std::string_view, 9> kMembers = {
    "event_id", "timestamp", "source_service", "server_hostname", "event_type",
    "severity", "user_id",   "action_result",  "details"};

constexpr event::ParseLimits kLimits = {
    .max_bytes = std::size_t{16} << 20U, .max_depth = 64, .max_keys = 10'000};

Status Invalid(std::string_view what) {
  return InvalidArgument("Invalid event data. " + std::string(what));
}

std::string_view TypeName(Value value) {
  switch (value.type()) {
    case event::Type::kNull:
      return "null";
    case event::Type::kBool:
      return "a boolean";
    case event::Type::kString:
      return "a string";
    case event::Type::kArray:
      return "an array";
    case event::Type::kObject:
      return "an object";
    case event::Type::kInt64:
    case event::Type::kUint64:
    case event::Type::kDouble:
      break;
  }
  return "a number";
}

Status CheckType(std::string_view name, Value value) {
  const bool wants_object = name == "details";
  if (wants_object ? value.is_object() : value.is_string()) return {};
  return Invalid("'" + std::string(name) + "' must be " +
                 (wants_object ? "an object" : "a string") + ", not " +
                 std::string(TypeName(value)) + ".");
}

Status CheckContent(std::string_view name, std::string_view text) {
  if (name == "event_id" && !Uuid::Parse(text)) return Invalid("'event_id' must be a UUID.");
  if (name != "timestamp") return {};
  const Result<Timestamp> time = Timestamp::Parse(text);
  return time ? Status() : Invalid("'timestamp' must be a time: " + time.error().message() + ".");
}

/// Types and contents of the contract's members, and that the one that is needed is there.
Status Check(Value root) {
  const std::optional<Value> type = root.Find("event_type");
  if (!type || type->is_null() || (type->is_string() && type->string_value().empty())) {
    return Invalid("'event_type' is required.");
  }
  for (const std::string_view name : kMembers) {
    const std::optional<Value> value = root.Find(name);
    if (!value) continue;
    if (Status status = CheckType(name, *value); !status.ok()) return status;
    if (!value->is_string()) continue;
    if (Status status = CheckContent(name, value->string_value()); !status.ok()) return status;
  }
  return {};
}

void AppendKey(std::string_view key, std::string& out) {
  if (out.back() != '{') out += ',';
  event::AppendJsonString(key, out);
  out += ':';
}

}  // namespace

struct EventCompleter::Impl {
  Impl(const EventCompleterOptions& options, const Clock& the_clock)
      : source_service(options.source_service),
        clock(the_clock),
        random(options.seed ? SeededRandom(*options.seed) : SystemRandom()) {}

  /// The text of a member that was not given.
  std::string Missing(std::string_view name) {
    if (name == "event_id") return Uuid::Random(*random).ToString();
    if (name == "timestamp") return clock.Now().ToString();
    if (name == "source_service") return source_service;
    if (name == "server_hostname") return std::string(Pick(kHosts, *random));
    if (name == "user_id") return std::string(Pick(kUsers, *random));
    return name == "severity" ? "INFO" : "SUCCESS";
  }

  /// Appends a text member and returns its value.
  std::string AppendText(std::string_view name, Value root, std::string& out) {
    const std::optional<Value> given = root.Find(name);
    std::string text = given ? std::string(given->string_value()) : Missing(name);
    AppendKey(name, out);
    event::AppendJsonString(text, out);
    return text;
  }

  CompletedEvent Write(const Event& event);

  const std::string source_service;
  const Clock& clock;
  std::mutex mutex;  // of the rest
  const std::unique_ptr<RandomSource> random;
  event::EventParser parser{kLimits};
};

CompletedEvent EventCompleter::Impl::Write(const Event& event) {
  const Value root = event.root();
  CompletedEvent made;
  std::string& out = made.body;
  out = "{";
  made.event_id = AppendText("event_id", root, out);
  AppendText("timestamp", root, out);
  AppendText("source_service", root, out);
  made.server_hostname = AppendText("server_hostname", root, out);
  made.event_type = AppendText("event_type", root, out);
  AppendText("severity", root, out);
  AppendText("user_id", root, out);
  made.action_result = AppendText("action_result", root, out);
  AppendKey("details", out);
  if (const std::optional<Value> details = root.Find("details")) {
    event::AppendJson(*details, event, out);
  } else {
    out += "{}";
  }
  root.ForEachMember([&](std::string_view key, Value value) {
    if (std::ranges::find(kMembers, key) != kMembers.end()) return;
    AppendKey(key, out);
    event::AppendJson(value, event, out);
  });
  out += '}';
  return made;
}

EventCompleter::EventCompleter(const EventCompleterOptions& options, const Clock& clock)
    : impl_(std::make_unique<Impl>(options, clock)) {}

EventCompleter::~EventCompleter() = default;

Result<CompletedEvent> EventCompleter::Complete(std::string_view json) {
  constexpr std::string_view kWhiteSpace = " \t\r\n";
  if (json.find_first_not_of(kWhiteSpace) == std::string_view::npos) {
    return Error(Invalid("'event_type' is required."));
  }
  const std::scoped_lock lock(impl_->mutex);
  const Result<Event> event = impl_->parser.Parse(json);
  if (!event) {
    return Error(Invalid("It has to be one JSON object; " + event.error().message() + "."));
  }
  if (Status status = Check(event->root()); !status.ok()) return Error(std::move(status));
  return impl_->Write(*event);
}

}  // namespace auditflow::generate
