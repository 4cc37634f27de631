#pragma once

namespace auditflow::redis {

/// Appends to a group's log. A group is a hash (g: its generation, v: how many updates there were,
/// b: how many of them the snapshot s has in it) and a list of the updates since then; both share a
/// hash tag. If one of the two has been evicted, the group starts anew.
///
/// KEYS: hash, list. ARGV: the generation if it is to be created, the generation and the number of
/// updates that the caller knows of, the milliseconds to keep it, whether they begin anew (1) or
/// are still long enough (0), then updates (perhaps none).
/// Returns {generation, created, b, the number that the following starts from, snapshot if the
/// caller has to start from it, updates that the caller lacks}.
///
/// Each command costs Redis several times more from a script than by itself, so there are as few as
/// can be: for a group whose updates the caller knows HMGET, RPUSH and HINCRBY.
inline constexpr char kAppendScript[] = R"(
local head = redis.call('HMGET', KEYS[1], 'g', 'v', 'b')
local g, v, b = head[1], tonumber(head[2]), tonumber(head[3])
local added = #ARGV - 5
local function push()
  local length
  for first = 6, #ARGV, 1000 do
    length = redis.call('RPUSH', KEYS[2], unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
  return length
end
if g and added == 0 and redis.call('LLEN', KEYS[2]) ~= v - b then g = false end
if g and added > 0 and push() ~= v - b + added then g = false end
local created = 0
if not g then
  if added == 0 then return {'', 1, 0, 0, '', {}} end
  redis.call('DEL', KEYS[1], KEYS[2])
  g, v, b, created = ARGV[1], 0, 0, 1
  push()
end
local from, snapshot = tonumber(ARGV[3]), ''
if ARGV[2] ~= g or from < b or from > v then
  from = b
  snapshot = redis.call('HGET', KEYS[1], 's') or ''
end
local missed = {}
if from < v then missed = redis.call('LRANGE', KEYS[2], from - b, v - b - 1) end
if created == 1 then
  redis.call('HSET', KEYS[1], 'g', g, 'v', added, 'b', 0)
elseif added > 0 then
  redis.call('HINCRBY', KEYS[1], 'v', added)
end
-- A list that was empty is a new key.
if added > 0 and (v == b or ARGV[5] == '1') then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return {g, created, b, from, snapshot, missed}
)";

/// Replaces the oldest updates of a group by a snapshot of the state that they lead to.
///
/// KEYS: hash, list. ARGV: generation, how many updates are in the snapshot, snapshot.
inline constexpr char kCompactScript[] = R"(
local head = redis.call('HMGET', KEYS[1], 'g', 'v', 'b')
local v, b, upto = tonumber(head[2]), tonumber(head[3]), tonumber(ARGV[2])
if head[1] ~= ARGV[1] or upto <= b or upto > v then return 0 end
if redis.call('LLEN', KEYS[2]) ~= v - b then return 0 end
redis.call('HSET', KEYS[1], 's', ARGV[3], 'b', ARGV[2])
redis.call('LTRIM', KEYS[2], upto - b, -1)
return 1
)";

}  // namespace auditflow::redis
