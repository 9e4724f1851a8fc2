import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from, to } from 'pg-copy-streams';
import type { Client } from './pool.js';

/**
 * Size of the pieces in which a payload is sent. A batch in one piece is 5 MB, which blocked the event loop, and with
 * it every waiting API response, for 7 ms.
 */
export const PIECE_BYTES = 128 * 1024;

/** Rows in the format of a COPY: all of them, or in pieces of about PIECE_BYTES that are made while PostgreSQL reads. */
export type Payload = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Runs a `copy … from stdin` with its payload, which may be used again once this has ended. Returns how many rows PostgreSQL inserted; this is fewer than were
 * sent if a trigger dropped some. Rejects with PostgreSQL's error.
 */
export async function copyIn(client: Client, statement: string, payload: Payload): Promise<number> {
  const stream = client.query(from(statement));
  let over = false;
  const ended = finished(stream).finally(() => {
    over = true;
  });
  const settled = ended.catch(() => {});
  // PostgreSQL may refuse a row long before the last piece. A failed stream accepts no more pieces.
  try {
    for await (const piece of payload instanceof Uint8Array ? piecesOf(payload) : payload) {
      if (over) break;
      if (!stream.write(piece)) await Promise.race([once(stream, 'drain').catch(() => {}), settled]);
    }
    if (!over) stream.end();
  } catch (error) {
    // PostgreSQL waits for the rest otherwise, and every later statement for PostgreSQL.
    stream.destroy(error as Error);
  }
  await ended;
  return stream.rowCount;
}

/**
 * Runs a `copy … to stdout`, and passes on its bytes as they come; other statements may follow it. Reads to its end even if
 * `take` throws: PostgreSQL would wait for its reader, and every later statement for PostgreSQL.
 * @param take must not keep the bytes, whose memory is used again
 * @throws PostgreSQL's error, or that of `take`
 */
export async function copyOut(
  client: Client,
  statement: string,
  take: (bytes: Buffer) => void,
): Promise<void> {
  let failure: unknown;
  for await (const bytes of client.query(to(statement)) as AsyncIterable<Buffer>) {
    if (failure !== undefined) continue;
    try {
      take(bytes);
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
}

/** Cuts a payload into pieces of PIECE_BYTES. */
export function* piecesOf({ buffer, byteOffset, length }: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < length; at += PIECE_BYTES)
    yield Buffer.from(buffer, byteOffset + at, Math.min(PIECE_BYTES, length - at));
}
