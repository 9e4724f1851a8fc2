/** What GET /readyz asks of the servers: each check gives a word on how it is, or throws what is not well. */
import type { Pool } from './sql/pool.js';

/** @throws the error of the connection when PostgreSQL is not there */
export async function databaseVersion(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return `PostgreSQL ${rows[0]!.version}`;
}

/** @throws when Redis is not there, or may throw away what it holds when it is full */
export async function redisPolicy(redis: { info(section: string): Promise<string> }): Promise<string> {
  const [server, memory] = await Promise.all([redis.info('server'), redis.info('memory')]);
  const policy = field(memory, 'maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new Error(
      `its maxmemory-policy is ${policy}: it may drop the queue's keys when it is full; set noeviction`,
    );
  }
  return `Redis ${field(server, 'redis_version')}, ${policy}`;
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? 'unknown';
}
