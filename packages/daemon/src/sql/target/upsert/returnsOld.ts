/** Whether an update can return the previous version of a row. */
import type { Client } from '../../pool.js';

/** The first version with `returning old.*`. */
const SINCE = 180_000;

const known = new WeakMap<Client, boolean>();

/** Queries the server once per connection. */
export async function returnsOld(client: Client): Promise<boolean> {
  const before = known.get(client);
  if (before !== undefined) return before;
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  const answer = rows[0]!.version >= SINCE;
  known.set(client, answer);
  return answer;
}
