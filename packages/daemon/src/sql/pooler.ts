import type { Client } from './pool.js';

/**
 * Returns whether a connection leads to a pooler and not to a backend of its own: the process id that the server
 * announced (the key for cancelling, PostgreSQL 54.2.1) is not that of the backend which answers. Poolers invent such
 * keys (PgBouncer, Pgpool, Odyssey, PgCat, RDS Proxy), because the backend changes.
 */
export async function isPooled(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  // A property of pg's Client that its types lack.
  return rows[0]!.pid !== (client as Client & { processID: number | null }).processID;
}
