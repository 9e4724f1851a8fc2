/** The e-mails that are in customers already, for the filter of a load. */
import { to } from 'pg-copy-streams';
import { type Connection, connect, type Pool } from './pool.js';

/** What a row of customers takes in the table's file, in bytes, about: 80 of text, ids, times and its header. */
const ROW_BYTES = 150;

/** How many rows customers has, about: by the size of its file, as counts of a table just filled are not there yet. */
export async function customersEstimate(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(`select pg_relation_size('customers') as bytes`);
  return Math.ceil(rows[0]!.bytes / ROW_BYTES);
}

/** All e-mails of customers, each on a line, in chunks that may end anywhere. Half a microsecond a row. */
export async function* customerEmails(connection: Connection): AsyncGenerator<Buffer> {
  const client = await connect(connection, 'csvjobs known e-mails');
  try {
    yield* client.query(to('copy customers (email) to stdout'));
  } finally {
    await client.end();
  }
}
