#include "auditflow/correlate/window_group.hpp"

#include <utility>

#include "src/core/byte_codec.hpp"
#include "src/correlate/aggregate.hpp"
#include "src/correlate/group_window.hpp"
#include "src/correlate/update_check.hpp"

namespace auditflow::correlate {
namespace {

// Changes with the form of saved states and with what the types compute.
constexpr std::uint32_t kStateVersion = 2;

}  // namespace

WindowRule::WindowRule(WindowSpec spec, Duration allowed_lateness, const WindowLimits& limits)
    : plan_(std::make_unique<const WindowPlan>(std::move(spec), allowed_lateness, limits)) {}

WindowRule::~WindowRule() = default;

const WindowSpec& WindowRule::spec() const { return plan_->spec; }

Duration WindowRule::lateness() const { return Duration(plan_->lateness); }

std::string_view WindowRule::FaultOf(const WindowUpdate& update) const {
  return correlate::FaultOf(plan_->spec, update);
}

bool WindowRule::FromTheFuture(const WindowUpdate& update) const {
  return correlate::FromTheFuture(plan_->limits, update);
}

std::string WindowRule::Fingerprint() const {
  const WindowSpec& spec = plan_->spec;
  ByteWriter out;
  out.U32(kStateVersion);
  out.Text(spec.key);
  out.U8(static_cast<std::uint8_t>(spec.type));
  out.U8(static_cast<std::uint8_t>(spec.repeat));
  out.U32(spec.rule_slots);
  out.U32(spec.level);
  out.I64(plan_->timespan);
  out.I64(plan_->lateness);
  out.F64(spec.percentile);
  for (const auto& [comparison, threshold] : spec.condition) {
    out.U8(static_cast<std::uint8_t>(comparison));
    out.F64(threshold);
  }
  out.U64(plan_->limits.max_events_per_group);
  out.U64(plan_->limits.max_contributors);
  return out.Take();
}

WindowGroup::WindowGroup(std::shared_ptr<const WindowRule> rule)
    : rule_(std::move(rule)), window_(std::make_unique<GroupWindow>(*rule_->plan_)) {}

WindowGroup::~WindowGroup() = default;
WindowGroup::WindowGroup(WindowGroup&& other) noexcept = default;
WindowGroup& WindowGroup::operator=(WindowGroup&& other) noexcept = default;

Outcome WindowGroup::Apply(const WindowUpdate& update, std::vector<Firing>& firings) {
  return window_->Apply(*rule_->plan_, update, firings);
}

void WindowGroup::Release(Timestamp cutoff, std::vector<Firing>& firings) {
  window_->Release(*rule_->plan_, cutoff, firings);
}

std::size_t WindowGroup::pending() const { return window_->pending(); }

std::size_t WindowGroup::events() const { return window_->events(); }

Timestamp WindowGroup::FirstArrival() const { return window_->FirstArrival(); }

std::uint64_t WindowGroup::TakeDropped() { return window_->TakeDropped(); }

std::string WindowGroup::Save() const {
  ByteWriter out;
  window_->Save(out);
  return out.Take();
}

Result<WindowGroup> WindowGroup::Load(std::shared_ptr<const WindowRule> rule,
                                      std::string_view bytes) {
  WindowGroup group(std::move(rule));
  ByteReader in(bytes);
  if (!group.window_->Load(*group.rule_->plan_, in) || !in.AtEnd()) {
    return Error(DataLoss("window: malformed state"));
  }
  return group;
}

}  // namespace auditflow::correlate
