#include "auditflow/generate/event_generator.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "auditflow/core/uuid.hpp"

#include "src/generate/planned_event.hpp"
#include "src/generate/scenarios.hpp"

namespace auditflow::generate {
namespace {

/// Ordinary log-ins are commoner than ordinary changes.
constexpr std::array<Kind, 12> kBackground = {Kind::kLogin,   Kind::kLogin,   Kind::kLogin,
                                              Kind::kLogin,   Kind::kSudo,    Kind::kSudo,
                                              Kind::kSudo,    Kind::kFile,    Kind::kStarted,
                                              Kind::kStopped, Kind::kAccount, Kind::kLoginFailure};

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

void AppendMember(std::string_view key, std::string_view text, std::string& out) {
  out.append(",\"").append(key).append("\":\"").append(text).append(1, '"');
}

}  // namespace

struct EventGenerator::Impl {
  explicit Impl(EventGeneratorOptions generator_options)
      : options(std::move(generator_options)),
        random(SeededRandom(options.seed)),
        next_time(options.start) {
    for (const Kind kind : kBackground) {
      if (IsWanted(kind)) background.push_back(kind);
    }
  }

  [[nodiscard]] bool IsWanted(Kind kind) const {
    return options.only.empty() || std::find(options.only.begin(), options.only.end(),
                                             TextOf(kind).event_type) != options.only.end();
  }

  PlannedEvent NextPlanned() {
    if (plan.empty() && random->Unit() < options.scenario_rate) {
      PlanScenario(options.mix, *random, plan);
      std::erase_if(plan, [&](const PlannedEvent& event) { return !IsWanted(event.kind); });
    }
    // Scenarios and ordinary work alternate at random, as in real logs.
    if (plan.empty() || random->Below(2) == 0) {
      return PlanBackground(Pick(background, *random), *random);
    }
    const PlannedEvent event = plan.front();
    plan.pop_front();
    return event;
  }

  const EventGeneratorOptions options;
  const std::unique_ptr<RandomSource> random;
  Timestamp next_time;
  std::vector<Kind> background;
  std::deque<PlannedEvent> plan;
};

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
  const Timestamp time = impl_->next_time;
  impl_->next_time = time + impl_->options.interval;
  return NextAt(time);
}

std::string EventGenerator::NextAt(Timestamp time) {
  std::string out;
  out.reserve(512);
  AppendNextAt(time, out);
  return out;
}

void EventGenerator::AppendNextAt(Timestamp time, std::string& out) {
  const PlannedEvent event = impl_->NextPlanned();
  const KindText& text = TextOf(event.kind);
  out.append("{\"event_id\":\"").append(Uuid::Random(*impl_->random).ToString()).append(1, '"');
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
}

}  // namespace auditflow::generate
