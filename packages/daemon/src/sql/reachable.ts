import { type Connection, connect } from './pool.js';

/** How long PostgreSQL may take to answer, in ms. */
const PATIENCE_MS = 4_000;

/**
 * Queries PostgreSQL over a new connection: connections that were open when the network failed wait for TCP to
 * retransmit.
 * @throws if PostgreSQL cannot be reached, refuses, or does not answer within 4 s
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
