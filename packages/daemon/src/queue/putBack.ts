/**
 * How jobs come onto the queue: as the last, when they are uploaded, or back at their places, when Redis has lost a part of
 * it. Where a job is decides: it is on the queue when its id waits, is delayed, or is being worked on. That its hash is
 * there says nothing: a list may have been lost and the hashes not, and then nobody would ever be given the job; and
 * recovery may find a job before its upload has put it on the queue, when there is no hash yet.
 *
 * Each script is one step for Redis, so that no job moves meanwhile and none is put on the queue twice.
 */

/** Bull's keys that the scripts work on, in the order in which they take them. */
export const QUEUE_KEYS = ['wait', 'paused', 'active', 'delayed', 'meta-paused'] as const;

/**
 * Finds out which jobs are on the queue (`there`), and can put a lost one whose lock lives, so that it is being worked on,
 * among the active ones again (`madeActive`).
 *
 * Bull takes the next job from the right end of `wait`, or of `paused` while the queue is paused (`target`); a job left in
 * the list that is not in use (`other`) would wait for ever.
 */
const LOOK = `
local wait, paused, active, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local target, other = wait, paused
if redis.call('EXISTS', KEYS[5]) == 1 then target, other = paused, wait end
local there = {}
for _, id in ipairs(redis.call('LRANGE', active, 0, -1)) do there[id] = true end
for _, id in ipairs(redis.call('ZRANGE', delayed, 0, -1)) do there[id] = true end
local waiting = redis.call('LRANGE', target, 0, -1)
for _, id in ipairs(waiting) do there[id] = true end
local function madeActive(id)
  if redis.call('EXISTS', ARGV[1] .. id .. ':lock') == 0 then return false end
  redis.call('LPUSH', active, id)
  return true
end
`;

/**
 * Takes what all ids on the queue begin with, and an id, and puts that job on the queue, as its last, unless it is on it.
 * Bull's own `add` looks for the job's hash instead. No hash is made: Bull makes one when it delivers the job.
 */
export const PUT_LAST = `${LOOK}
local id = ARGV[2]
if there[id] or madeActive(id) then return end
redis.call('LPUSH', target, id)
redis.call('LREM', other, 0, id)
`;

/**
 * Takes what all ids on the queue begin with, and then the ids of the jobs that must be on it, first come first; returns
 * how many of them were not. A lost job whose lock lives is being worked on, and becomes active again: Bull finds out when
 * its lock lapses. All other lost jobs wait again, each before the first waiting one that came after it; jobs that are not
 * named came later (or want no work any more).
 */
export const PUT_BACK = `${LOOK}
local place, lost, found = {}, {}, 0
for at = 2, #ARGV do
  local id = ARGV[at]
  place[id] = at
  if not there[id] then
    found = found + 1
    if not madeActive(id) then lost[#lost + 1] = id end
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
