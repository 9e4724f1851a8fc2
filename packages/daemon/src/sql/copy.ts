import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/** Runs a `copy … from stdin` with its whole payload in one message. Rejects with PostgreSQL's error. */
export async function copyIn(client: pg.ClientBase, statement: string, payload: Uint8Array): Promise<void> {
  const stream = client.query(from(statement));
  stream.end(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  await finished(stream);
}
