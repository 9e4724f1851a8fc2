/** What an update can do in the version of the server (`server_version_num`: 180004 is 18.4). */
import type { Client } from '../../pool.js';

const known = new WeakMap<Client, number>();

/** Queries the server once per connection. */
export async function serverVersion(client: Client): Promise<number> {
  const before = known.get(client);
  if (before !== undefined) return before;
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  const { version } = rows[0]!;
  known.set(client, version);
  return version;
}

/** Whether an update and MERGE return the previous version of a row. */
export function returnsOld(version: number): boolean {
  return version >= 180_000;
}

/**
 * Whether MERGE does so, and updates the newest version of a row that other sessions have changed more than once. 18.0 may take another
 * (release notes of 18.1: "Fix concurrent update issue in MERGE").
 */
export function mergesNewest(version: number): boolean {
  return version >= 180_001;
}
