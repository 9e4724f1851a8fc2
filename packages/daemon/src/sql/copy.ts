import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from } from 'pg-copy-streams';
import type { Client } from './pool.js';

/**
 * Size of the pieces in which a payload is sent. A batch in one piece is 5 MB, which blocked the event loop, and with
 * it every waiting API response, for 7 ms.
 */
const PIECE_BYTES = 128 * 1024;

/**
 * Runs a `copy … from stdin` with its payload. Returns how many rows PostgreSQL inserted; this is fewer than were
 * sent if a trigger dropped some. Rejects with PostgreSQL's error.
 */
export async function copyIn(client: Client, statement: string, payload: Uint8Array): Promise<number> {
  const stream = client.query(from(statement));
  let over = false;
  const ended = finished(stream).finally(() => {
    over = true;
  });
  const settled = ended.catch(() => {});
  // PostgreSQL may refuse a row long before the last piece. A failed stream accepts no more pieces.
  for (let at = 0; at < payload.length && !over; at += PIECE_BYTES) {
    const size = Math.min(PIECE_BYTES, payload.length - at);
    const piece = Buffer.from(payload.buffer, payload.byteOffset + at, size);
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain').catch(() => {}), settled]);
  }
  if (!over) stream.end();
  await ended;
  return stream.rowCount;
}
