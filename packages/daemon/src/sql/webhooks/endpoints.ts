/** The endpoints in the configuration of daemons. The trigger on `jobs` writes webhooks for these only. */
import type { Db } from '../pool.js';

/** How often a daemon registers its endpoints, in ms. */
export const KEEP_MS = 30_000;

export interface KeptEndpoint {
  name: string;
  origin: string;
  events: readonly string[];
  tables: { patterns: string; regex: string } | undefined;
}

/** Stores an endpoint as configured, when a daemon starts. A disabled one is enabled again. */
export async function registerEndpoint(
  db: Db,
  { name, origin, events, tables }: KeptEndpoint,
): Promise<void> {
  await db.query(
    `insert into webhook_endpoints (name, origin, events, tables, table_regex) values ($1, $2, $3, $4, $5)
     on conflict (name) do update set origin = excluded.origin, events = excluded.events, tables = excluded.tables,
       table_regex = excluded.table_regex, seen_at = clock_timestamp(), disabled_at = null`,
    [name, origin, events, tables?.patterns ?? null, tables?.regex ?? null],
  );
}

/** Records that a daemon still has the endpoint configured; restores it if it was removed meanwhile. */
export async function keepEndpoint(db: Db, endpoint: KeptEndpoint): Promise<void> {
  const { rowCount } = await db.query(
    'update webhook_endpoints set seen_at = clock_timestamp() where name = $1',
    [endpoint.name],
  );
  if (rowCount === 0) await registerEndpoint(db, endpoint);
}

/** Disables an endpoint and gives up its pending deliveries. Returns whether it was enabled before. */
export async function disableEndpoint(db: Db, name: string, error: string): Promise<boolean> {
  const { rows } = await db.query<{ disabled: boolean }>(
    `with gone as (
       update webhook_endpoints set disabled_at = clock_timestamp() where name = $1 and disabled_at is null returning name),
     given_up as (
       update webhook_deliveries set status = 'failed', ended_at = clock_timestamp(), error = $2
       where endpoint = $1 and status = 'pending')
     select exists (select from gone) as disabled`,
    [name, error],
  );
  return rows[0]!.disabled;
}

/** Removes endpoints that no daemon has had for `unseenMs`, gives up their pending deliveries. Returns their names. */
export async function forgetEndpoints(db: Db, unseenMs: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `with gone as (
       delete from webhook_endpoints where seen_at < clock_timestamp() - $1 * interval '1 ms' returning name),
     given_up as (
       update webhook_deliveries set status = 'failed', ended_at = clock_timestamp(),
         error = 'no daemon has its endpoint in the configuration any more'
       where status = 'pending' and endpoint in (select name from gone))
     select name from gone`,
    [unseenMs],
  );
  return rows.map(({ name }) => name);
}
