/** The identity of a queue: the same for one Redis and prefix, whatever address leads there. */

/** The two Redis commands that are needed. */
export interface NameStore {
  set(key: string, value: string, mode: 'NX'): Promise<unknown>;
  get(key: string): Promise<string | null>;
}

/**
 * Returns the UUID of the queue with this prefix. If Redis has none, it becomes `remembered`: a Redis that
 * has lost everything (FLUSHALL, a restart without persistence) gets its identity back from the first process
 * that asks.
 * @throws errors of Redis
 */
export async function queueIdentity(redis: NameStore, prefix: string, remembered: string): Promise<string> {
  const key = `${prefix}:queue-identity`;
  await redis.set(key, remembered, 'NX');
  // Lost between the two commands: the next process that asks writes it again.
  return (await redis.get(key)) ?? remembered;
}
