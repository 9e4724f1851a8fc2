import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from } from 'pg-copy-streams';
import type { Client } from './pool.js';

/**
 * A payload goes in pieces of this size: a batch in one piece is 5 MB, which held the event loop for 7 ms, and with it
 * every answer of the API that was waiting.
 */
const PIECE_BYTES = 128 * 1024;

/**
 * Runs a `copy … from stdin` with its payload. Returns how many rows PostgreSQL has put in, which are fewer where a trigger
 * took some away. Rejects with PostgreSQL's error.
 */
export async function copyIn(client: Client, statement: string, payload: Uint8Array): Promise<number> {
  const stream = client.query(from(statement));
  let over = false;
  const ended = finished(stream).finally(() => {
    over = true;
  });
  const settled = ended.catch(() => {});
  // PostgreSQL may refuse a row long before the last piece; a stream that has failed takes no more of them.
  for (let at = 0; at < payload.length && !over; at += PIECE_BYTES) {
    const size = Math.min(PIECE_BYTES, payload.length - at);
    const piece = Buffer.from(payload.buffer, payload.byteOffset + at, size);
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain').catch(() => {}), settled]);
  }
  if (!over) stream.end();
  await ended;
  return stream.rowCount;
}
