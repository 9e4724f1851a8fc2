/**
 * How jobs get onto the queue: at its end when they are uploaded, or back at their places when Redis has lost
 * a part of it. A job is on the queue if its id is waiting, delayed, or being worked on. Its hash proves
 * nothing: a list may have been lost and the hashes not, and then no worker would ever get the job; and
 * recovery may find a job before its upload has queued it, when there is no hash yet.
 *
 * Each script is one atomic step for Redis, so no job moves meanwhile and none is queued twice.
 */

/** Bull's keys that the scripts use, in the order in which they take them. */
export const QUEUE_KEYS = ['wait', 'paused', 'active', 'delayed', 'meta-paused'] as const;

/**
 * Finds which jobs are on the queue (`there`), and can return a lost job to the active ones if its lock
 * lives, which means that it is being worked on (`madeActive`).
 *
 * Bull takes the next job from the right end of `wait`, or of `paused` while the queue is paused (`target`);
 * a job left in the list that is not in use (`other`) would wait indefinitely.
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
 * Takes the common prefix of all ids on the queue, and an id, and puts that job at the end of the queue,
 * unless it is on it. Bull's own `add` looks for the job's hash instead. It creates no hash: Bull creates one
 * when it delivers the job.
 */
export const PUT_LAST = `${LOOK}
local id = ARGV[2]
if there[id] or madeActive(id) then return end
redis.call('LPUSH', target, id)
redis.call('LREM', other, 0, id)
`;

/**
 * Takes the common prefix of all ids on the queue, and then the ids of the jobs that must be on it, in order;
 * returns how many of them were missing. A lost job whose lock lives is being worked on, and becomes active
 * again: Bull notices when its lock expires. All other lost jobs wait again, each before the first waiting
 * job that came after it; jobs that are not named came later (or need no more work).
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
