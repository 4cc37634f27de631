#include "src/redis/group_replica.hpp"

#include <algorithm>
#include <utility>

namespace auditflow::redis {
namespace {

using correlate::Firing;
using correlate::Outcome;
using correlate::WindowUpdate;

constexpr std::uint8_t kUpdate = 1;
constexpr std::uint8_t kRelease = 2;
constexpr std::uint8_t kSettled = 3;
constexpr std::size_t kReplyParts = 6;
// As many as events of one group that a consumer may hold without having acknowledged them, the
// service's prefetch: where a crash brings them again, what they fired still has to be reported.
constexpr std::size_t kMaxRemembered = 2'048;
constexpr std::size_t kMaxUnsettled = 10'000;
// Below this a log costs less than its snapshot.
constexpr std::int64_t kMinEntries = 64;

std::string EncodeEntry(std::uint64_t owner, std::uint8_t kind, std::string_view body) {
  ByteWriter out;
  out.U64(owner);
  out.U8(kind);
  out.Raw(body);
  return out.Take();
}

bool WellFormed(const Reply& reply) {
  using Kind = Reply::Kind;
  return reply.kind == Kind::kArray && reply.elements.size() == kReplyParts &&
         reply.elements[0].kind == Kind::kText && reply.elements[1].kind == Kind::kInteger &&
         reply.elements[2].kind == Kind::kInteger && reply.elements[3].kind == Kind::kInteger &&
         reply.elements[4].kind == Kind::kText && reply.elements[5].kind == Kind::kArray;
}

void Count(Outcome outcome, OwnOutcomes& outcomes) {
  if (outcome == Outcome::kApplied) ++outcomes.applied;
  if (outcome == Outcome::kDuplicate) ++outcomes.duplicates;
  if (outcome == Outcome::kLate) ++outcomes.late;
}

}  // namespace

std::string EncodeUpdateEntry(std::uint64_t owner, const WindowUpdate& update) {
  return EncodeEntry(owner, kUpdate, correlate::EncodeUpdate(update));
}

std::string EncodeReleaseEntry(std::uint64_t owner, Timestamp cutoff, Timestamp now) {
  ByteWriter body;
  body.I64(cutoff.unix_nanos());
  body.I64(now.unix_nanos());
  return EncodeEntry(owner, kRelease, body.Take());
}

std::string EncodeSettledEntry(std::uint64_t owner, std::span<const std::int64_t> releases) {
  ByteWriter body;
  body.U64(releases.size());
  for (const std::int64_t release : releases) body.I64(release);
  return EncodeEntry(owner, kSettled, body.Take());
}

GroupReplica::GroupReplica(std::shared_ptr<const correlate::WindowRule> rule, std::uint64_t owner)
    : rule_(std::move(rule)), owner_(owner), group_(rule_) {}

Status GroupReplica::Absorb(const Reply& reply, const std::vector<std::string>& own,
                            std::vector<std::vector<Firing>>& firings,
                            std::vector<Firing>& recovered, OwnOutcomes& outcomes) {
  lost_ = false;
  Status status = Adopt(reply);
  if (status.ok()) {
    for (const Reply& missed : reply.elements[5].elements) {
      if (status.ok()) status = Play(missed.text, recovered, outcomes);
    }
  }
  firings.resize(own.size());
  for (std::size_t i = 0; i < own.size() && status.ok(); ++i) {
    status = Play(own[i], firings[i], outcomes);
  }
  if (!status.ok()) Clear();
  return status;
}

bool GroupReplica::WantsSnapshot() const {
  const auto events = static_cast<std::int64_t>(group_.events());
  return version_ - base_ > kMinEntries + 2 * events;
}

std::string GroupReplica::Snapshot() const {
  ByteWriter out;
  out.Text(group_.Save());
  out.U64(remembered_.size());
  for (const Remembered& one : remembered_) {
    for (const std::uint8_t byte : one.cause.bytes()) out.U8(byte);
    out.U32(one.origin);
    out.Text(correlate::EncodeFiring(one.firing));
  }
  out.U64(unsettled_.size());
  for (const Unsettled& one : unsettled_) {
    out.I64(one.entry);
    out.I64(one.released_at.unix_nanos());
    out.Text(correlate::EncodeFiring(one.firing));
  }
  return out.Take();
}

/// Starts from what the script says to start from.
Status GroupReplica::Adopt(const Reply& reply) {
  if (!WellFormed(reply)) return DataLoss("redis: the append script returned something else");
  const std::string& generation = reply.elements[0].text;
  const std::int64_t from = reply.elements[3].integer;
  base_ = reply.elements[2].integer;
  if (generation == generation_ && from == version_) return {};
  lost_ = reply.elements[1].integer != 0 && version_ > 0;
  const std::int64_t base = base_;
  Clear();
  base_ = base;
  generation_ = generation;
  version_ = from;
  return Restore(reply.elements[4].text);
}

Status GroupReplica::Restore(std::string_view snapshot) {
  if (snapshot.empty()) return {};
  ByteReader in(snapshot);
  auto group = correlate::WindowGroup::Load(rule_, in.Text());
  if (!group) return group.error();
  group_ = *std::move(group);
  for (std::uint64_t left = in.Count(sizeof(Uuid::Bytes)); left > 0; --left) {
    Remembered one;
    Uuid::Bytes bytes{};
    for (std::uint8_t& byte : bytes) byte = in.U8();
    one.cause = Uuid(bytes);
    one.origin = in.U32();
    auto firing = correlate::DecodeFiring(in.Text());
    if (!firing) return firing.error();
    one.firing = *std::move(firing);
    remembered_.push_back(std::move(one));
  }
  for (std::uint64_t left = in.Count(2 * sizeof(std::int64_t)); left > 0; --left) {
    Unsettled one;
    one.entry = in.I64();
    one.released_at = Timestamp::FromUnixNanos(in.I64());
    auto firing = correlate::DecodeFiring(in.Text());
    if (!firing) return firing.error();
    one.firing = *std::move(firing);
    unsettled_.push_back(std::move(one));
  }
  if (!in.AtEnd()) return DataLoss("redis: malformed snapshot");
  return {};
}

Status GroupReplica::Play(std::string_view entry, std::vector<Firing>& own_firings,
                          OwnOutcomes& outcomes) {
  ++version_;
  ByteReader in(entry);
  const bool own = in.U64() == owner_;
  const std::uint8_t kind = in.U8();
  if (kind == kUpdate) return PlayUpdate(entry.substr(9), own, own_firings, outcomes);
  if (kind == kRelease) return PlayRelease(in, own, own_firings);
  if (kind == kSettled) return PlaySettled(in);
  return DataLoss("redis: malformed log entry");
}

Status GroupReplica::PlayRelease(ByteReader in, bool own, std::vector<Firing>& own_firings) {
  const Timestamp cutoff = Timestamp::FromUnixNanos(in.I64());
  const Timestamp released_at = Timestamp::FromUnixNanos(in.I64());
  if (!in.AtEnd()) return DataLoss("redis: malformed log entry");
  std::vector<Firing> firings;
  group_.Release(cutoff, firings);
  if (own && !firings.empty()) returned_.push_back(version_);
  for (Firing& firing : firings) {
    unsettled_.push_back({version_, released_at, firing, own});
    if (unsettled_.size() > kMaxUnsettled) unsettled_.pop_front();
    if (own) own_firings.push_back(std::move(firing));
  }
  return {};
}

Status GroupReplica::PlaySettled(ByteReader in) {
  std::vector<std::int64_t> releases;
  for (std::uint64_t left = in.Count(sizeof(std::int64_t)); left > 0; --left) {
    releases.push_back(in.I64());
  }
  if (!in.AtEnd()) return DataLoss("redis: malformed log entry");
  std::erase_if(unsettled_, [&](const Unsettled& one) {
    return std::find(releases.begin(), releases.end(), one.entry) != releases.end();
  });
  return {};
}

std::vector<Firing> GroupReplica::TakeOver(Timestamp cutoff) {
  std::vector<Firing> firings;
  for (Unsettled& one : unsettled_) {
    if (one.returned || one.released_at >= cutoff) continue;
    one.returned = true;
    firings.push_back(one.firing);
    if (returned_.empty() || returned_.back() != one.entry) returned_.push_back(one.entry);
  }
  return firings;
}

Status GroupReplica::PlayUpdate(std::string_view bytes, bool own, std::vector<Firing>& own_firings,
                                OwnOutcomes& outcomes) {
  auto update = correlate::DecodeUpdate(bytes);
  if (!update) return update.error();
  if (!rule_->FaultOf(*update).empty()) return DataLoss("redis: an update of another rule");
  std::vector<Firing> firings;
  const Outcome outcome = group_.Apply(*update, firings);
  for (const Firing& firing : firings) Remember(*update, firing, own);
  if (!own) return {};
  Count(outcome, outcomes);
  if (outcome == Outcome::kDuplicate) Report(*update, own_firings);
  for (Firing& firing : firings) own_firings.push_back(std::move(firing));
  return {};
}

/// What an update fired when another program appended it.
void GroupReplica::Report(const WindowUpdate& update, std::vector<Firing>& firings) {
  for (Remembered& one : remembered_) {
    if (one.reported || one.cause != update.event_id || one.origin != update.origin) continue;
    one.reported = true;
    firings.push_back(one.firing);
  }
}

void GroupReplica::Remember(const WindowUpdate& update, const Firing& firing, bool own) {
  remembered_.push_back({update.event_id, update.origin, firing, own});
  if (remembered_.size() > kMaxRemembered) remembered_.pop_front();
}

void GroupReplica::Clear() {
  group_ = correlate::WindowGroup(rule_);
  remembered_.clear();
  unsettled_.clear();
  returned_.clear();
  generation_.clear();
  version_ = 0;
  base_ = 0;
}

}  // namespace auditflow::redis
