#include <algorithm>
#include <utility>

#include "src/correlate/group_window.hpp"
#include "src/correlate/update_check.hpp"
#include "src/correlate/window_codec.hpp"

namespace auditflow::correlate {
namespace {

constexpr std::size_t kEntryBytes = 28;    // time, id, origin
constexpr std::size_t kPendingBytes = 69;  // with a tie, an arrival and three lengths

void WriteIdentity(ByteWriter& out, std::int64_t time, const Identity& identity) {
  out.I64(time);
  WriteId(out, identity.id);
  out.U32(identity.origin);
}

/// A window may remember less of an event than came with it: an older occurrence of a slot, say.
bool Fits(const WindowPlan& plan, const std::vector<std::uint32_t>& slots,
          const SampleValue& value) {
  WindowUpdate update;
  update.slots = slots;
  update.value = value;
  const bool temporal = plan.spec.type >= sigma::CorrelationType::kTemporal;
  return (temporal && slots.empty()) || FaultOf(plan.spec, update).empty();
}

}  // namespace

Timestamp GroupWindow::FirstArrival() const {
  return std::min_element(
             pending_.begin(), pending_.end(),
             [](const auto& a, const auto& b) { return a.second.arrival < b.second.arrival; })
      ->second.arrival;
}

void GroupWindow::Save(ByteWriter& out) const {
  out.I64(newest_);
  out.I64(evaluated_);
  out.U64(arrivals_);
  out.U8(held_ ? 1 : 0);
  out.U64(log_.size());
  out.U64(expired_);
  for (std::size_t i = 0; i < log_.size(); ++i) WriteIdentity(out, log_[i].time, log_[i].identity);
  for (std::size_t i = expired_; i < log_.size(); ++i) {
    std::vector<std::uint32_t> slots;
    SampleValue value;
    aggregate_->Describe(i - expired_, slots, value);
    WriteSample(out, slots, value);
  }
  out.U64(pending_.size());
  for (const auto& [order, event] : pending_) {
    WriteIdentity(out, std::get<0>(order), std::get<2>(order));
    out.U64(std::get<1>(order));
    out.I64(event.arrival.unix_nanos());
    WriteSample(out, event.slots, event.value);
    out.Text(event.payload);
  }
}

bool GroupWindow::Load(const WindowPlan& plan, ByteReader& in) {
  newest_ = in.I64();
  evaluated_ = in.I64();
  arrivals_ = in.U64();
  held_ = in.U8() != 0;
  return LoadLog(plan, in) && LoadPending(plan, in) && in.ok();
}

bool GroupWindow::LoadLog(const WindowPlan& plan, ByteReader& in) {
  const std::uint64_t count = in.Count(kEntryBytes);
  expired_ = in.U64();
  if (expired_ > count) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::int64_t time = in.I64();
    const Uuid id = ReadId(in);
    const Entry entry{time, {id, in.U32()}};
    if (!ids_.Insert(entry.identity)) return false;
    log_.push_back(entry);
  }
  for (std::uint64_t i = expired_; i < count; ++i) {
    std::vector<std::uint32_t> slots;
    SampleValue value;
    ReadSample(in, slots, value);
    if (!in.ok() || !Fits(plan, slots, value)) return false;
    aggregate_->Add({slots, &value});
  }
  return in.ok();
}

bool GroupWindow::LoadPending(const WindowPlan& plan, ByteReader& in) {
  for (std::uint64_t left = in.Count(kPendingBytes); left > 0; --left) {
    const std::int64_t time = in.I64();
    const Uuid id = ReadId(in);
    const Identity identity{id, in.U32()};
    const std::uint64_t tie = in.U64();
    Pending event;
    event.arrival = Timestamp::FromUnixNanos(in.I64());
    ReadSample(in, event.slots, event.value);
    event.payload = in.Text();
    if (!in.ok() || !Fits(plan, event.slots, event.value)) return false;
    if (!ids_.Insert(identity)) return false;
    pending_.emplace(Order{time, tie, identity}, std::move(event));
  }
  return true;
}

}  // namespace auditflow::correlate
