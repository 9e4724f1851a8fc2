import type { Db } from './pool.js';

/** PostgreSQL's clock, in milliseconds since 1970. */
export async function databaseClock(db: Db): Promise<number> {
  const { rows } = await db.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  return rows[0]!.ms;
}
