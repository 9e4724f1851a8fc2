import { type Connection, connect } from './pool.js';

/** How long PostgreSQL may take to answer, in ms. */
const PATIENCE_MS = 4_000;

/**
 * Asks PostgreSQL something over a new connection: those that were open when the network broke wait for TCP to send again.
 * @throws where it cannot be reached, refuses, or does not answer in 4 s
 */
export async function reachDatabase(connection: Connection): Promise<void> {
  const client = await connect(
    { ...connection, connectionTimeoutMillis: PATIENCE_MS, silenceMs: PATIENCE_MS },
    'csvjobs reach',
  );
  try {
    await client.query('select 1');
  } finally {
    void client.end().catch(() => {});
  }
}
