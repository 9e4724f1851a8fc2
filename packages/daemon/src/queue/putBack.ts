/**
 * What makes the queue whole again after Redis has lost a part of it. Where a job is decides: it is on the queue when its
 * id waits, is delayed, or is being worked on. That its hash is there says nothing: a list may have been lost and the
 * hashes not, and then nobody would ever be given the job.
 */

/** Bull's keys that `PUT_BACK` works on, in the order in which it takes them. */
export const PUT_BACK_KEYS = ['wait', 'paused', 'active', 'delayed', 'meta-paused'] as const;

/**
 * One step for Redis, so that no job moves meanwhile. Takes what all ids on the queue begin with, and then the ids of the
 * jobs that must be on it, first come first; returns how many of them were not. A lost job whose lock lives is being worked
 * on, and becomes active again: Bull finds out when its lock lapses. All other lost jobs wait again, each before the first
 * waiting one that came after it; jobs that are not named came later (or want no work any more).
 *
 * Bull takes the next job from the right end of `wait`, or of `paused` while the queue is paused; a job left in the list that is
 * not in use would wait for ever, so it moves to the other one.
 */
export const PUT_BACK = `
local wait, paused, active, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local target, other = wait, paused
if redis.call('EXISTS', KEYS[5]) == 1 then target, other = paused, wait end
local there = {}
for _, id in ipairs(redis.call('LRANGE', active, 0, -1)) do there[id] = true end
for _, id in ipairs(redis.call('ZRANGE', delayed, 0, -1)) do there[id] = true end
local waiting = redis.call('LRANGE', target, 0, -1)
for _, id in ipairs(waiting) do there[id] = true end
local place, lost, found = {}, {}, 0
for at = 2, #ARGV do
  local id = ARGV[at]
  place[id] = at
  if not there[id] then
    found = found + 1
    if redis.call('EXISTS', ARGV[1] .. id .. ':lock') == 1 then
      redis.call('LPUSH', active, id)
    else
      lost[#lost + 1] = id
    end
  end
end
if #lost > 0 then
  local row, next, lastNamed = {}, 1, #waiting + 1
  for at = #waiting, 1, -1 do
    if place[waiting[at]] then lastNamed = at end
  end
  for at = #waiting, 1, -1 do
    -- Behind the last that is named are those that came after all that are named.
    local turn = place[waiting[at]] or (at < lastNamed and math.huge)
    while turn and next <= #lost and place[lost[next]] < turn do
      row[#row + 1] = lost[next]
      next = next + 1
    end
    row[#row + 1] = waiting[at]
  end
  while next <= #lost do
    row[#row + 1] = lost[next]
    next = next + 1
  end
  -- Pushed before anything is removed: a Redis that is full refuses a script at its first push, but not at a later one.
  local new = target .. ':new'
  for from = 1, #row, 1000 do
    redis.call('LPUSH', new, unpack(row, from, math.min(from + 999, #row)))
  end
  redis.call('RENAME', new, target)
  redis.call('DEL', other)
end
return found
`;
