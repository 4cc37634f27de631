#include "auditflow/generate/event_generator.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>

#include "src/generate/planned_event.hpp"
#include "src/generate/scenarios.hpp"

namespace auditflow::generate {
namespace {

/// Ordinary log-ins are commoner than ordinary changes.
constexpr std::array<Kind, 12> kBackground = {Kind::kLogin,   Kind::kLogin,   Kind::kLogin,
                                              Kind::kLogin,   Kind::kSudo,    Kind::kSudo,
                                              Kind::kSudo,    Kind::kFile,    Kind::kStarted,
                                              Kind::kStopped, Kind::kAccount, Kind::kLoginFailure};

/// In ten minutes of a quiet day there is at most one.
constexpr Duration kBetweenMistakes = std::chrono::minutes(10);

constexpr std::array<Kind, kKinds> kEveryKind = {
    Kind::kLoginFailure, Kind::kLogin,   Kind::kSudo,   Kind::kFile,
    Kind::kStarted,      Kind::kStopped, Kind::kAccount};

bool IsPlain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

Status Check(const EventGeneratorOptions& options) {
  const std::vector<std::string> known = EventGenerator::EventTypes();
  for (const std::string& type : options.only) {
    if (std::find(known.begin(), known.end(), type) == known.end()) {
      return InvalidArgument("only: '" + type + "' is no event type that can be generated");
    }
  }
  if (!(options.scenario_rate >= 0 && options.scenario_rate <= 1)) {
    return InvalidArgument("scenario_rate: must be between 0 and 1");
  }
  if (options.interval < Duration::zero()) return InvalidArgument("interval: is negative");
  if (std::all_of(options.source_service.begin(), options.source_service.end(), IsPlain)) {
    return Status();
  }
  return InvalidArgument("source_service: must be printable ASCII without '\"' and '\\'");
}

PlannedEvent TakeFront(std::deque<PlannedEvent>& plan) {
  const PlannedEvent event = plan.front();
  plan.pop_front();
  return event;
}

void AppendMember(std::string_view key, std::string_view text, std::string& out) {
  out.append(",\"").append(key).append("\":\"").append(text).append(1, '"');
}

}  // namespace

struct EventGenerator::Impl {
  explicit Impl(EventGeneratorOptions generator_options)
      : options(std::move(generator_options)),
        random(SeededRandom(options.seed)),
        next_time(options.start),
        usual(Wanted(kBackground)),
        uniform(Wanted(kEveryKind)) {}

  [[nodiscard]] bool IsWanted(Kind kind) const {
    return options.only.empty() || std::find(options.only.begin(), options.only.end(),
                                             TextOf(kind).event_type) != options.only.end();
  }

  template <class Kinds>
  [[nodiscard]] std::vector<Kind> Wanted(const Kinds& kinds) const {
    std::vector<Kind> wanted;
    std::ranges::copy_if(kinds, std::back_inserter(wanted),
                         [this](Kind kind) { return IsWanted(kind); });
    return wanted;
  }

  /// Quiet work comes in pieces of several events, and not all are of a wanted kind.
  PlannedEvent NextQuiet(Timestamp time) {
    while (quiet.empty()) {
      const bool may_fail = !last_mistake || time - *last_mistake >= kBetweenMistakes;
      if (PlanQuiet(*random, may_fail, quiet)) last_mistake = time;
      std::erase_if(quiet, [&](const PlannedEvent& event) { return !IsWanted(event.kind); });
    }
    return TakeFront(quiet);
  }

  PlannedEvent NextBackground(Timestamp time) {
    if (options.background == Background::kQuiet) return NextQuiet(time);
    const auto& kinds = options.background == Background::kUniform ? uniform : usual;
    return PlanBackground(Pick(kinds, *random), *random);
  }

  PlannedEvent NextPlanned(Timestamp time) {
    if (plan.empty() && random->Unit() < options.scenario_rate) {
      PlanScenario(options.mix, *random, plan);
      std::erase_if(plan, [&](const PlannedEvent& event) { return !IsWanted(event.kind); });
    }
    // Scenarios and ordinary work alternate at random, as in real logs.
    if (plan.empty() || random->Below(2) == 0) return NextBackground(time);
    return TakeFront(plan);
  }

  std::mutex mutex;
  EventGeneratorOptions options;
  const std::unique_ptr<RandomSource> random;
  Timestamp next_time;
  const std::vector<Kind> usual;
  const std::vector<Kind> uniform;
  std::deque<PlannedEvent> plan;   // of the scenario that is being played
  std::deque<PlannedEvent> quiet;  // of a piece of quiet work
  std::optional<Timestamp> last_mistake;
};

EventGeneratorOptions& EventGeneratorOptions::Use(const TrafficMix& traffic) {
  background = traffic.background;
  scenario_rate = traffic.scenario_rate;
  mix = traffic.scenarios;
  return *this;
}

std::vector<std::string> EventGenerator::EventTypes() {
  return {"user_login", "sudo_command", "file_modified", "service_status_change",
          "user_account_management"};
}

Result<EventGenerator> EventGenerator::Create(EventGeneratorOptions options) {
  Status status = Check(options);
  if (!status.ok()) return Error(std::move(status));
  return EventGenerator(std::make_unique<Impl>(std::move(options)));
}

EventGenerator::EventGenerator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventGenerator::~EventGenerator() = default;
EventGenerator::EventGenerator(EventGenerator&&) noexcept = default;
EventGenerator& EventGenerator::operator=(EventGenerator&&) noexcept = default;

std::string EventGenerator::Next() {
  std::unique_lock lock(impl_->mutex);
  const Timestamp time = impl_->next_time;
  impl_->next_time = time + impl_->options.interval;
  lock.unlock();
  return NextAt(time);
}

std::string EventGenerator::NextAt(Timestamp time) {
  std::string out;
  out.reserve(512);
  AppendNextAt(time, out);
  return out;
}

EventFacts EventGenerator::AppendNextAt(Timestamp time, std::string& out) {
  const std::scoped_lock lock(impl_->mutex);
  const PlannedEvent event = impl_->NextPlanned(time);
  const KindText& text = TextOf(event.kind);
  const Uuid id = Uuid::Random(*impl_->random);
  out.append("{\"event_id\":\"").append(id.ToString()).append(1, '"');
  AppendMember("timestamp", time.ToString(), out);
  AppendMember("source_service", impl_->options.source_service, out);
  AppendMember("server_hostname", event.host, out);
  AppendMember("event_type", text.event_type, out);
  AppendMember("severity", text.severity, out);
  AppendMember("user_id", event.user, out);
  AppendMember("action_result", text.action_result, out);
  out.append(",\"details\":");
  AppendDetails(event, *impl_->random, out);
  out += '}';
  return {id, text.event_type, event.host, text.action_result};
}

void EventGenerator::Use(const TrafficMix& traffic) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->options.Use(traffic);
}

}  // namespace auditflow::generate
