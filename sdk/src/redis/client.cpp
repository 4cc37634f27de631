#include "src/redis/client.hpp"

#include <utility>

#include "src/redis/scripts.hpp"

namespace auditflow::redis {
namespace {

bool IsError(const Reply& reply) { return reply.kind == Reply::Kind::kError; }

bool ScriptMissing(const Reply& reply) {
  return IsError(reply) && reply.text.starts_with("NOSCRIPT");
}

}  // namespace

Client::Client(RedisOptions options, Clock& clock, std::unique_ptr<RandomSource> random)
    : options_(std::move(options)),
      clock_(clock),
      random_(std::move(random)),
      backoff_(options_.reconnect, *random_),
      next_attempt_(clock.Monotonic()),
      epoch_key_(options_.key_prefix + "epoch") {
  health_.since = clock_.Now();
  health_.reason = "not connected yet";
}

Result<std::vector<Reply>> Client::Run(std::span<const Call> calls) {
  const std::lock_guard lock(mutex_);
  if (Status status = Connect(); !status.ok()) return Error(std::move(status));
  auto replies = Send(calls);
  if (!replies) return Error(Fail(replies.error()));
  for (const Reply& reply : *replies) {
    if (IsError(reply)) return Error(Fail(Unavailable("redis: " + reply.text)));
  }
  if (Status status = WatchEpoch(replies->front()); !status.ok()) return Error(Fail(status));
  replies->erase(replies->begin());
  return replies;
}

RedisHealth Client::Health() const {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

void Client::CountLostGroup() {
  ChangeHealth([](RedisHealth& health) { ++health.groups_lost; });
}

std::uint64_t Client::RandomNumber() {
  const std::lock_guard lock(mutex_);
  return random_->Next();
}

Status Client::Connect() {
  if (connection_ != nullptr) return {};
  if (clock_.Monotonic() < next_attempt_) return Unavailable(Health().reason);
  auto connection = Connection::Open(options_);
  if (!connection) return Fail(connection.error());
  connection_ = *std::move(connection);
  if (Status status = LoadScripts(); !status.ok()) return Fail(status);
  backoff_.Reset();
  ChangeHealth([this](RedisHealth& health) {
    ++health.connections;
    SetUp(health, true, "");
  });
  return {};
}

Status Client::LoadScripts() {
  const std::vector<Command> commands = {{"SCRIPT", "LOAD", kAppendScript},
                                         {"SCRIPT", "LOAD", kCompactScript}};
  auto replies = RunRaw(commands);
  if (!replies) return replies.error();
  for (const Reply& reply : *replies) {
    if (IsError(reply)) return Unavailable("redis: SCRIPT LOAD refused: " + reply.text);
  }
  append_digest_ = (*replies)[0].text;
  compact_digest_ = (*replies)[1].text;
  return {};
}

/// The first reply is that to a question for the epoch.
Result<std::vector<Reply>> Client::Send(std::span<const Call> calls) {
  std::vector<Command> commands = {{"GET", epoch_key_}};
  commands.reserve(calls.size() + 1);
  for (const Call& call : calls) commands.push_back(CommandOf(call));
  auto replies = RunRaw(commands);
  if (!replies) return replies;
  bool missing = false;
  for (const Reply& reply : *replies) missing = missing || ScriptMissing(reply);
  if (!missing) return replies;
  if (Status status = Resend(calls, *replies); !status.ok()) return Error(std::move(status));
  return replies;
}

/// Calls that are no scripts may have to come after those that are.
Status Client::Resend(std::span<const Call> calls, std::vector<Reply>& replies) {
  ChangeHealth([](RedisHealth& health) { ++health.script_loads; });
  if (Status status = LoadScripts(); !status.ok()) return status;
  std::vector<std::size_t> places;
  std::vector<Command> commands;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].script != Script::kNone && !ScriptMissing(replies[i + 1])) continue;
    places.push_back(i + 1);
    commands.push_back(CommandOf(calls[i]));
  }
  auto again = RunRaw(commands);
  if (!again) return again.error();
  for (std::size_t i = 0; i < places.size(); ++i) replies[places[i]] = std::move((*again)[i]);
  return {};
}

Result<std::vector<Reply>> Client::RunRaw(std::span<const Command> commands) {
  return connection_->Run(commands);
}

Command Client::CommandOf(const Call& call) const {
  Command command;
  command.reserve(call.arguments.size() + 2);
  if (call.script != Script::kNone) {
    command.emplace_back("EVALSHA");
    command.emplace_back(call.script == Script::kAppend ? append_digest_ : compact_digest_);
  }
  command.insert(command.end(), call.arguments.begin(), call.arguments.end());
  return command;
}

Status Client::WatchEpoch(const Reply& epoch) {
  std::string found = epoch.text;
  if (epoch.kind == Reply::Kind::kNil) {
    const std::string made = std::to_string(random_->Next());
    const std::vector<Command> commands = {{"SET", epoch_key_, made, "NX"}, {"GET", epoch_key_}};
    auto replies = RunRaw(commands);
    if (!replies) return replies.error();
    if (IsError((*replies)[1])) return Unavailable("redis: " + (*replies)[1].text);
    found = (*replies)[1].text;
  }
  if (!epoch_.empty() && found != epoch_) {
    ChangeHealth([this](RedisHealth& health) {
      ++health.state_losses;
      health.last_state_loss = clock_.Now();
      health.reason = "Redis lost its state; windows that were open started anew";
    });
  }
  epoch_ = std::move(found);
  return {};
}

/// Any error costs the connection: a reply that comes late must not be taken for another.
Status Client::Fail(Status status) {
  connection_.reset();
  next_attempt_ = clock_.Monotonic() + backoff_.Next();
  ChangeHealth([&](RedisHealth& health) {
    ++health.failures;
    SetUp(health, false, status.message());
  });
  return status;
}

void Client::SetUp(RedisHealth& health, bool up, std::string reason) const {
  if (health.up != up) health.since = clock_.Now();
  health.up = up;
  health.reason = std::move(reason);
}

}  // namespace auditflow::redis
