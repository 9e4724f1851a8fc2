/** The requests of a resumable upload (tus 1.0), through undici and node:http like all others. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResumableUpload } from '@csvjobs/shared';
import { paths, SPEC_FIELD } from '@csvjobs/shared/paths';
import { parsed } from '../answers.js';
import type { Connection } from '../connection.js';
import { notUnderstood } from '../daemonError.js';
import type { LoadAs, ReadAs } from '../uploadHow.js';

const TUS = { 'tus-resumable': '1.0.0' };

/** A daemon accepts 16 KiB of headers (MAX_HEADER_BYTES), some proxies only 8 KiB. A larger spec goes in a form. */
const MOST_METADATA_BYTES = 6 * 1024;

/** Builds Upload-Metadata; returns undefined if it is too long for a header. */
export function metadataFor(filename: string, { spec, once, ...how }: ReadAs & LoadAs): string | undefined {
  const said = { filename, ...how, ...(once && { once: 'true' }), ...(spec && { [SPEC_FIELD]: spec }) };
  const pairs = Object.entries(said)
    .filter((pair): pair is [string, string | Uint8Array] => pair[1] !== undefined)
    .map(([key, value]) => `${key} ${Buffer.from(value as string).toString('base64')}`)
    .join(',');
  return pairs.length <= MOST_METADATA_BYTES ? pairs : undefined;
}

/** An upload on the daemon. */
export interface Begun {
  path: string;
  /** Bytes that the daemon has. */
  offset: number;
}

/** Starts an upload; returns undefined if the daemon is too old for resumable uploads. @throws UserError */
export async function createUpload(
  connection: Connection,
  { length, metadata, key }: { length: number; metadata: string; key: string },
): Promise<Begun | undefined> {
  const answer = await connection.send(paths.uploads, {
    method: 'POST',
    headers: {
      ...TUS,
      'content-length': '0',
      'upload-length': String(length),
      'upload-metadata': metadata,
      'idempotency-key': key,
    },
  });
  // A daemon that supports them sends this header in every answer about them.
  if ([404, 405].includes(answer.statusCode) && answer.headers['tus-resumable'] === undefined) {
    await connection.text(answer);
    return undefined;
  }
  await connection.text(await connection.accepted(answer));
  const id = /[^/]+$/.exec(answer.headers.location ?? '')?.[0];
  if (id === undefined) throw notUnderstood(connection.url, 'its answer lacks the Location of the upload');
  // Resolved against our address, because the daemon may be behind a proxy under another path.
  return { path: paths.resumableUpload(id), offset: 0 };
}

/** Asks how much of an upload the daemon has. @throws UserError, also the reason why the file was refused */
export async function lookAtUpload(connection: Connection, path: string): Promise<ResumableUpload> {
  // If the answer to a complete upload was lost, the daemon may have to make the job now.
  const answer = await connection.call(path, { headersTimeout: 300_000 });
  return parsed(connection, path, await connection.text(answer), 'resumableUploadSchema');
}

/**
 * Asks with an empty piece whether the daemon would accept bytes now. While the lease of a daemon that is gone lasts, a
 * whole piece would be sent and then refused (423). @throws UserError
 */
export async function askForTurn(connection: Connection, path: string, offset: number): Promise<void> {
  const answer = await connection.call(path, {
    method: 'PATCH',
    headers: {
      ...TUS,
      'content-type': 'application/offset+octet-stream',
      'content-length': '0',
      'upload-offset': String(offset),
    },
  });
  await connection.text(answer);
}

/** Sends a piece and returns the new offset, which is durable. @throws UserError */
export async function sendPiece(
  connection: Connection,
  path: string,
  { offset, bytes, body }: { offset: number; bytes: number; body: AsyncIterable<Buffer> },
): Promise<number> {
  const answer = await connection.call(path, {
    method: 'PATCH',
    headers: {
      ...TUS,
      'content-type': 'application/offset+octet-stream',
      'content-length': String(bytes),
      'upload-offset': String(offset),
    },
    body,
    // Starts at the last byte sent. After the last piece, the daemon reads the whole file again.
    headersTimeout: 300_000,
  });
  await connection.text(answer);
  const now = Number(answer.headers['upload-offset']);
  if (Number.isInteger(now) && now > offset) return now;
  throw notUnderstood(
    connection.url,
    'its answer does not say how much of the upload it has (Upload-Offset)',
  );
}

/** Attempts to delete an upload, half a second apart: the daemon may still be ending the piece that was cut. */
const DELETE_TRIES = 10;

/** Deletes an upload that will not be continued. If that fails, the daemon removes it later. */
export async function endUpload(connection: Connection, path: string): Promise<void> {
  for (let attempt = 1; attempt <= DELETE_TRIES; attempt += 1) {
    try {
      await connection.text(await connection.call(path, { method: 'DELETE', headers: TUS }));
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'upload_locked') return;
      await sleep(500, undefined, { signal: connection.signal }).catch(() => {});
      if (connection.signal.aborted) return;
    }
  }
}
