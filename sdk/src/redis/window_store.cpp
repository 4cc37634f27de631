#include "src/redis/window_store.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>
#include <utility>

#include "src/core/saturate.hpp"
#include "src/core/sha1.hpp"

namespace auditflow::redis {
namespace {

using correlate::Firing;
using correlate::WindowUpdate;

constexpr std::int64_t kNanosPerMilli = 1'000'000;

/// SHA-1 as hexadecimal digits.
std::string Digest(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Sha1 sha1;
  sha1.Update(text);
  std::string hex;
  for (const std::uint8_t byte : sha1.Finish()) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

/// What a group is kept longer than it has to, so that this need not begin anew with each update.
Duration ToSpare(Duration keep) { return std::min<Duration>(keep / 8, std::chrono::seconds(1)); }

std::vector<Firing> Flatten(std::vector<std::vector<Firing>> slots) {
  std::vector<Firing> all;
  for (auto& slot : slots) std::move(slot.begin(), slot.end(), std::back_inserter(all));
  return all;
}

}  // namespace

RedisWindowStore::RedisWindowStore(std::shared_ptr<Client> client,
                                   std::vector<correlate::WindowSpec> specs,
                                   Duration allowed_lateness, const correlate::WindowLimits& limits)
    : client_(std::move(client)),
      owner_(client_->RandomNumber()),
      groups_(owner_, client_->clock()) {
  std::map<std::string, int> alike;
  for (correlate::WindowSpec& spec : specs) {
    Rule rule;
    rule.rule =
        std::make_shared<const correlate::WindowRule>(std::move(spec), allowed_lateness, limits);
    rule.name = Digest(rule.rule->Fingerprint());
    // Rules that are alike in all but their place have windows of their own.
    if (const int number = alike[rule.name]++; number > 0) {
      rule.name += '-' + std::to_string(number);
    }
    const std::int64_t window =
        SaturatingAdd(rule.rule->spec().timespan.count(), rule.rule->lateness().count());
    const std::int64_t reach = SaturatingAdd(window, rule.rule->lateness().count());
    rule.keep = Duration(SaturatingAdd(reach, client_->options().retention.count()));
    groups_.AddRule(rule.rule, limits.max_groups, Duration(reach));
    rules_.push_back(std::move(rule));
  }
}

Result<std::vector<Firing>> RedisWindowStore::Apply(std::span<const WindowUpdate> updates) {
  for (std::size_t i = 0; i < updates.size(); ++i) {
    if (Status status = Check(i, updates[i]); !status.ok()) return Error(std::move(status));
  }
  const std::lock_guard lock(mutex_);
  std::uint64_t future = 0;
  const std::vector<Work> works = Distribute(updates, future);
  Slots slots(updates.size() + 1);
  const std::vector<Call> waits = WaitCalls(works);
  if (!waits.empty()) nothing_waits_ = false;
  if (Status status = Append(works, waits, slots); !status.ok()) {
    return Error(Abandon(std::move(status), std::move(slots)));
  }
  statistics_.future += future;
  // Without snapshots the logs are longer for a while, which is no reason to fail.
  static_cast<void>(TakeSnapshots(works));
  return Deliver(std::move(slots));
}

Result<std::vector<Firing>> RedisWindowStore::Release(Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (Status status = SayWhatIsSettled(); !status.ok()) return Error(std::move(status));
  auto names = Waiting(now);
  if (!names) return Error(names.error());
  Slots slots(1);
  if (Status status = ReleaseGroups(*names, now, slots); !status.ok()) {
    return Error(Abandon(std::move(status), std::move(slots)));
  }
  std::vector<Firing> firings = Deliver(std::move(slots));
  // Stable: within a group the order of evaluation stays.
  std::stable_sort(firings.begin(), firings.end(), [](const Firing& a, const Firing& b) {
    return std::tie(a.time, a.spec, a.group) < std::tie(b.time, b.spec, b.group);
  });
  return firings;
}

void RedisWindowStore::Settle() {
  const std::lock_guard lock(mutex_);
  if (!undelivered_.empty()) return;
  std::move(returned_.begin(), returned_.end(), std::back_inserter(settled_));
  returned_.clear();
}

/// One round trip, and only if there was a release that fired.
Status RedisWindowStore::SayWhatIsSettled() {
  std::vector<Work> works;
  for (const Releases& releases : settled_) {
    // A group that was lost and made anew numbers its log from the start.
    if (groups_.FindOrCreate(releases.name).replica.generation() != releases.generation) continue;
    works.push_back(
        {releases.name, {0}, {EncodeSettledEntry(owner_, releases.entries)}, Timestamp()});
  }
  Slots slots(1);
  if (Status status = Append(works, {}, slots); !status.ok()) {
    return Abandon(std::move(status), std::move(slots));
  }
  for (Firing& firing : slots[0]) undelivered_.push_back(std::move(firing));
  settled_.clear();
  return {};
}

correlate::WindowStatistics RedisWindowStore::Statistics() const {
  const std::lock_guard lock(mutex_);
  correlate::WindowStatistics statistics = statistics_;
  statistics.groups = groups_.size();
  // Copies of groups that another program has released say what was.
  if (nothing_waits_) return statistics;
  statistics.pending = groups_.pending();
  return statistics;
}

Status RedisWindowStore::Check(std::size_t index, const WindowUpdate& update) const {
  std::string_view fault = "spec: out of range";
  if (update.spec < rules_.size()) fault = rules_[update.spec].rule->FaultOf(update);
  if (fault.empty()) return {};
  return InvalidArgument("update " + std::to_string(index) + ": " + std::string(fault));
}

/// What has fired in a call that fails does not fire again: the next call returns it.
Status RedisWindowStore::Abandon(Status status, Slots slots) {
  for (Firing& firing : Flatten(std::move(slots))) undelivered_.push_back(std::move(firing));
  return status;
}

std::vector<Firing> RedisWindowStore::Deliver(Slots slots) {
  groups_.Trim();
  std::vector<Firing> firings = std::exchange(undelivered_, {});
  for (Firing& firing : Flatten(std::move(slots))) firings.push_back(std::move(firing));
  return firings;
}

/// By group; the firings of update number i belong in place i + 1.
std::vector<RedisWindowStore::Work> RedisWindowStore::Distribute(
    std::span<const WindowUpdate> updates, std::uint64_t& future) const {
  std::vector<Work> works;
  std::map<GroupName, std::size_t> place_of;
  for (std::size_t i = 0; i < updates.size(); ++i) {
    const WindowUpdate& update = updates[i];
    if (rules_[update.spec].rule->FromTheFuture(update)) {
      ++future;
      continue;
    }
    const auto [found, added] = place_of.try_emplace({update.spec, update.group}, works.size());
    if (added) works.push_back({found->first, {}, {}, update.arrival});
    Work& work = works[found->second];
    work.places.push_back(i + 1);
    work.entries.push_back(EncodeUpdateEntry(owner_, update));
    work.arrival = std::min(work.arrival, update.arrival);
  }
  return works;
}

Status RedisWindowStore::Append(std::span<const Work> works, std::span<const Call> more,
                                Slots& slots) {
  if (works.empty() && more.empty()) return {};
  std::vector<Call> calls;
  calls.reserve(works.size() + more.size());
  for (const Work& work : works) calls.push_back(AppendCall(work));
  calls.insert(calls.end(), more.begin(), more.end());
  const Duration asked_at = client_->clock().Monotonic();
  auto replies = client_->Run(calls);
  if (!replies) return replies.error();
  Status first_error;
  for (std::size_t i = 0; i < works.size(); ++i) {
    NoteRefresh(works[i], asked_at);
    Status status = Absorb(works[i], (*replies)[i], slots);
    if (first_error.ok()) first_error = std::move(status);
  }
  return first_error;
}

/// What `AppendCall` asked for before `asked_at` has been done.
void RedisWindowStore::NoteRefresh(const Work& work, Duration asked_at) {
  GroupCache::Group& group = groups_.FindOrCreate(work.name);
  if (work.entries.empty() || asked_at < group.refresh_at) return;
  group.refresh_at = asked_at + ToSpare(rules_[work.name.first].keep);
}

Status RedisWindowStore::Absorb(const Work& work, const Reply& reply, Slots& slots) {
  GroupCache::Group& group = groups_.FindOrCreate(work.name);
  Slots own;
  std::vector<Firing> recovered;
  OwnOutcomes outcomes;
  Status status = group.replica.Absorb(reply, work.entries, own, recovered, outcomes);
  if (!status.ok()) return Discard(work, status);
  if (group.replica.lost()) client_->CountLostGroup();
  AddReturned(work, group.replica);
  statistics_.applied += outcomes.applied;
  statistics_.duplicates += outcomes.duplicates;
  statistics_.late += outcomes.late;
  statistics_.dropped_events += group.replica.TakeDropped();
  const auto add = [&](std::vector<Firing>& firings, std::size_t place) {
    for (Firing& firing : firings) {
      firing.spec = work.name.first;
      firing.group = work.name.second;
      slots[place].push_back(std::move(firing));
    }
  };
  add(recovered, 0);
  for (std::size_t i = 0; i < own.size(); ++i) add(own[i], work.places[i]);
  return {};
}

void RedisWindowStore::AddReturned(const Work& work, GroupReplica& replica) {
  std::vector<std::int64_t> entries = replica.TakeReturned();
  if (!entries.empty()) {
    returned_.push_back({work.name, replica.generation(), std::move(entries)});
  }
}

/// Groups with events that may have to be released, or with firings of a release to take over.
Result<std::vector<GroupName>> RedisWindowStore::Waiting(Timestamp now) {
  std::vector<Call> calls;
  std::vector<std::uint32_t> specs;
  for (std::uint32_t spec = 0; spec < rules_.size(); ++spec) {
    if (rules_[spec].rule->lateness().count() == 0) continue;
    const std::int64_t cutoff = Cutoff(spec, now).unix_nanos();
    const std::string most =
        now == correlate::kEndOfInput ? "+inf" : std::to_string(cutoff / kNanosPerMilli + 1);
    calls.push_back({Script::kNone, {"ZRANGEBYSCORE", WaitKey(spec), "-inf", most}});
    calls.push_back({Script::kNone, {"ZCARD", WaitKey(spec)}});
    specs.push_back(spec);
  }
  std::vector<GroupName> names;
  if (calls.empty()) return names;
  auto replies = client_->Run(calls);
  if (!replies) return Error(replies.error());
  nothing_waits_ = true;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    nothing_waits_ = nothing_waits_ && (*replies)[2 * i + 1].integer == 0;
    for (Reply& member : (*replies)[2 * i].elements) {
      names.emplace_back(specs[i], std::move(member.text));
    }
  }
  return names;
}

Status RedisWindowStore::ReleaseGroups(std::span<const GroupName> names, Timestamp now,
                                       Slots& slots) {
  std::vector<Work> works;
  for (const GroupName& name : names) works.push_back({name, {}, {}, {}});
  if (Status status = Append(works, {}, slots); !status.ok()) return status;
  const Timestamp wall = now == correlate::kEndOfInput ? client_->clock().Now() : now;
  std::vector<Work> due;
  std::vector<GroupName> idle;
  for (const GroupName& name : names) {
    const GroupReplica& replica = groups_.FindOrCreate(name).replica;
    const Timestamp cutoff = Cutoff(name.first, now);
    const bool waits = replica.pending() > 0;
    TakeOver(name, wall, slots[0]);
    if (!waits && !replica.unsettled()) idle.push_back(name);
    if (!waits || (replica.FirstArrival() >= cutoff && now != correlate::kEndOfInput)) continue;
    due.push_back({name, {0}, {EncodeReleaseEntry(owner_, cutoff, wall)}, {}});
  }
  if (Status status = Append(due, {}, slots); !status.ok()) return status;
  static_cast<void>(TakeSnapshots(due));
  for (const Work& work : due) {
    const GroupReplica& replica = groups_.FindOrCreate(work.name).replica;
    if (replica.pending() == 0 && !replica.unsettled()) idle.push_back(work.name);
  }
  return TakeOffList(idle, slots);
}

/// What a program released and has not settled since: it may have died before it reported it.
void RedisWindowStore::TakeOver(const GroupName& name, Timestamp now,
                                std::vector<Firing>& firings) {
  GroupReplica& replica = groups_.FindOrCreate(name).replica;
  const Timestamp cutoff = Timestamp::FromUnixNanos(
      SaturatingSubtract(now.unix_nanos(), client_->options().release_lease.count()));
  for (Firing& firing : replica.TakeOver(cutoff)) {
    firing.spec = name.first;
    firing.group = name.second;
    firings.push_back(std::move(firing));
  }
  AddReturned({name, {}, {}, {}}, replica);
}

/// Takes groups off the list of those that wait, then looks at them once more: what another program
/// appended before that puts them back on it, and what it appends later it puts there itself.
Status RedisWindowStore::TakeOffList(std::span<const GroupName> names, Slots& slots) {
  if (names.empty()) return {};
  std::vector<Call> removals;
  std::vector<Work> works;
  for (const GroupName& name : names) {
    removals.push_back({Script::kNone, {"ZREM", WaitKey(name.first), name.second}});
    works.push_back({name, {}, {}, {}});
  }
  // What has fired is more important than a list that is too long.
  if (!client_->Run(removals)) return {};
  if (Status status = Append(works, {}, slots); !status.ok()) return {};
  std::vector<Call> waits;
  for (const GroupName& name : names) {
    const GroupReplica& replica = groups_.FindOrCreate(name).replica;
    if (replica.pending() > 0) waits.push_back(WaitCall(name, replica.FirstArrival()));
    if (replica.unsettled()) waits.push_back(WaitCall(name, replica.FirstUnsettled()));
  }
  if (!waits.empty()) static_cast<void>(client_->Run(waits));
  return {};
}

Status RedisWindowStore::TakeSnapshots(std::span<const Work> works) {
  std::vector<Call> calls;
  std::vector<GroupReplica*> taken;
  for (const Work& work : works) {
    GroupReplica& replica = groups_.FindOrCreate(work.name).replica;
    if (!replica.WantsSnapshot()) continue;
    calls.push_back({Script::kCompact,
                     {"2", KeyOf(work.name, 'h'), KeyOf(work.name, 'l'), replica.generation(),
                      std::to_string(replica.version()), replica.Snapshot()}});
    taken.push_back(&replica);
  }
  if (calls.empty()) return {};
  auto replies = client_->Run(calls);
  if (!replies) return replies.error();
  for (GroupReplica* const replica : taken) replica->SnapshotTaken();
  return {};
}

/// Bytes that nobody of us wrote would be in the way for ever.
Status RedisWindowStore::Discard(const Work& work, const Status& status) {
  const std::vector<Call> calls = {
      {Script::kNone, {"DEL", KeyOf(work.name, 'h'), KeyOf(work.name, 'l')}}};
  static_cast<void>(client_->Run(calls));
  client_->CountLostGroup();
  return Unavailable("redis: a group was discarded: " + status.message());
}

Timestamp RedisWindowStore::Cutoff(std::uint32_t spec, Timestamp now) const {
  if (now == correlate::kEndOfInput) return now;
  return Timestamp::FromUnixNanos(
      SaturatingSubtract(now.unix_nanos(), rules_[spec].rule->lateness().count()));
}

Call RedisWindowStore::AppendCall(const Work& work) {
  const GroupCache::Group& group = groups_.FindOrCreate(work.name);
  const GroupReplica& replica = group.replica;
  const Duration keep = rules_[work.name.first].keep;
  const std::int64_t millis = SaturatingAdd(keep.count(), ToSpare(keep).count()) / kNanosPerMilli;
  const bool refresh = client_->clock().Monotonic() >= group.refresh_at;
  Call call{Script::kAppend,
            {"2", KeyOf(work.name, 'h'), KeyOf(work.name, 'l'),
             std::to_string(client_->RandomNumber()), replica.generation(),
             std::to_string(replica.version()), std::to_string(millis), refresh ? "1" : "0"}};
  call.arguments.insert(call.arguments.end(), work.entries.begin(), work.entries.end());
  return call;
}

/// One for all groups of a rule.
std::vector<Call> RedisWindowStore::WaitCalls(std::span<const Work> works) const {
  std::map<std::uint32_t, Call> by_spec;
  for (const Work& work : works) {
    const std::uint32_t spec = work.name.first;
    if (rules_[spec].rule->lateness().count() == 0) continue;
    Call wait = WaitCall(work.name, work.arrival);
    const auto [found, first] = by_spec.try_emplace(spec, std::move(wait));
    if (first) continue;
    std::vector<std::string>& all = found->second.arguments;
    all.insert(all.end(), std::make_move_iterator(wait.arguments.end() - 2),
               std::make_move_iterator(wait.arguments.end()));
  }
  std::vector<Call> calls;
  calls.reserve(by_spec.size());
  for (auto& [spec, call] : by_spec) calls.push_back(std::move(call));
  return calls;
}

Call RedisWindowStore::WaitCall(const GroupName& name, Timestamp arrival) const {
  const std::int64_t millis = arrival.unix_nanos() / kNanosPerMilli - 1;
  return {Script::kNone, {"ZADD", WaitKey(name.first), "LT", std::to_string(millis), name.second}};
}

/// The braces are a hash tag: both keys of a group are on one node of a cluster.
std::string RedisWindowStore::KeyOf(const GroupName& name, char part) const {
  return client_->options().key_prefix + "window:{" + rules_[name.first].name + ':' + name.second +
         "}:" + part;
}

std::string RedisWindowStore::WaitKey(std::uint32_t spec) const {
  return client_->options().key_prefix + "waiting:{" + rules_[spec].name + '}';
}

}  // namespace auditflow::redis
