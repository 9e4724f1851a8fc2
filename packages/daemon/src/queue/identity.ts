/** The name of a queue: which Redis and prefix it is, however it is reached. */

/** The two commands of Redis that are needed. */
export interface NameStore {
  set(key: string, value: string, mode: 'NX'): Promise<unknown>;
  get(key: string): Promise<string | null>;
}

/**
 * The UUID of the queue with this prefix. Where Redis has none it becomes `remembered`: a Redis that has lost everything
 * (FLUSHALL, a restart without persistence) gets its name back from whoever asks first.
 * @throws errors of Redis
 */
export async function queueIdentity(redis: NameStore, prefix: string, remembered: string): Promise<string> {
  const key = `${prefix}:queue-identity`;
  await redis.set(key, remembered, 'NX');
  // Lost between the two: whoever asks next writes it again.
  return (await redis.get(key)) ?? remembered;
}
