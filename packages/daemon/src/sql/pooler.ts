import type { Client } from './pool.js';

/**
 * Whether a connection leads to a pooler, not to a backend of its own: what the server has said its process id is (the
 * key for cancelling, PostgreSQL 54.2.1) is not that of the backend which answers. Poolers make keys up (PgBouncer,
 * Pgpool, Odyssey, PgCat, RDS Proxy), for the backend changes.
 */
export async function isPooled(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  // Of pg's Client, but not in its types.
  return rows[0]!.pid !== (client as Client & { processID: number | null }).processID;
}
