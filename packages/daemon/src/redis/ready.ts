/** Waits for a client of Redis. */
import { once } from 'node:events';
import type { Redis } from 'ioredis';

/** Resolves when a client is connected; also when the first try fails, for which `within` should not wait. */
export async function isReady(client: Redis): Promise<void> {
  if (client.status !== 'ready') await once(client, 'ready').catch(() => {});
}
