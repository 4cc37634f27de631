#pragma once

namespace auditflow::redis {

/// Appends to a group's log. A group is a hash (g: its generation, v: how many updates there were,
/// b: how many of them the snapshot s has in it) and a list of the updates since then; both share a
/// hash tag. If one of the two has been evicted, the group starts anew.
///
/// KEYS: hash, list. ARGV: the generation if it is to be created, the generation and the number of
/// updates that the caller knows of, the milliseconds to keep it, then updates (perhaps none).
/// Returns {generation, created, b, the number that the following starts from, snapshot if the
/// caller has to start from it, updates that the caller lacks}.
inline constexpr char kAppendScript[] = R"(
local head = redis.call('HMGET', KEYS[1], 'g', 'v', 'b')
local g, v, b = head[1], tonumber(head[2]), tonumber(head[3])
local created = 0
if g and redis.call('LLEN', KEYS[2]) ~= v - b then g = false end
if not g then
  if #ARGV == 4 then return {'', 1, 0, 0, '', {}} end
  redis.call('DEL', KEYS[1], KEYS[2])
  g, v, b, created = ARGV[1], 0, 0, 1
end
local from, snapshot = tonumber(ARGV[3]), ''
if ARGV[2] ~= g or from < b or from > v then
  from = b
  snapshot = redis.call('HGET', KEYS[1], 's') or ''
end
local missed = {}
if from < v then missed = redis.call('LRANGE', KEYS[2], from - b, -1) end
if #ARGV > 4 then
  for first = 5, #ARGV, 1000 do
    redis.call('RPUSH', KEYS[2], unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
  v = v + #ARGV - 4
  redis.call('HSET', KEYS[1], 'g', g, 'v', string.format('%.0f', v), 'b', string.format('%.0f', b))
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
