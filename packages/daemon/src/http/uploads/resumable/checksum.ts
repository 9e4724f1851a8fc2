/**
 * Upload-Checksum (tus 1.0, checksum extension): a body is stored only if it has the hash that was sent with
 * it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { createPlaces, type Places } from '../../places.js';
import { refuse, refuseWithRetryAfter } from '../../problems.js';

/** Tus-Checksum-Algorithm. */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'md5'] as const;

/**
 * Maximum size of a body with a checksum, and of all such bodies in this process. A body waits in memory for
 * its last byte, because no store can remove bytes that it has made durable.
 */
export const MOST_CHECKED_BYTES = 8 * 1024 * 1024;
const ALL_CHECKED_BYTES = 4 * MOST_CHECKED_BYTES;

interface Checksum {
  algorithm: string;
  digest: Buffer;
}

/** The checksum of a request; undefined without one. @throws {Failure} `bad_request` */
export function checksumOf(ctx: Context): Checksum | undefined {
  const header = ctx.get('Upload-Checksum');
  if (header === '') return undefined;
  const [, algorithm = '', base64 = ''] = /^(\S+) +([A-Za-z0-9+/]+={0,2})$/.exec(header) ?? [];
  if (!CHECKSUM_ALGORITHMS.some((each) => each === algorithm))
    throw refuse(
      'bad_request',
      `Upload-Checksum must be an algorithm (${CHECKSUM_ALGORITHMS.join(', ')}), a space, and the hash in base64`,
    );
  return { algorithm, digest: Buffer.from(base64, 'base64') };
}

/** The memory that bodies with a checksum share. */
export function checkedRoom(): Places {
  return createPlaces(ALL_CHECKED_BYTES);
}

/**
 * Returns the whole body, once its hash was verified.
 * @throws {Failure} `checksum_mismatch`; `bad_request` for a body without a length or too long to be held in
 * memory, `too_many_uploads` if others fill the memory; what the stream throws
 */
export async function checkedBody(
  ctx: Context,
  stream: AsyncIterable<Buffer>,
  { algorithm, digest }: Checksum,
  room: Places,
): Promise<Buffer[]> {
  const length = Number(ctx.get('Content-Length') || Number.NaN);
  if (!(length <= MOST_CHECKED_BYTES))
    throw refuse(
      'bad_request',
      `a request with Upload-Checksum needs a Content-Length of at most ${MOST_CHECKED_BYTES}; send the file in several requests, each with its checksum`,
    );
  const leave = room.take(ctx.state.callerKey, length);
  if (!leave)
    throw refuseWithRetryAfter(
      'too_many_uploads',
      `${ALL_CHECKED_BYTES} bytes wait for their checksum; try again`,
      2,
    );
  try {
    const hash = createHash(algorithm);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      hash.update(chunk);
      chunks.push(chunk);
    }
    const found = hash.digest();
    if (found.length === digest.length && timingSafeEqual(found, digest)) return chunks;
    throw refuse(
      'checksum_mismatch',
      `the ${algorithm} hash of the bytes differs from Upload-Checksum; nothing was stored, send them again`,
    );
  } finally {
    leave();
  }
}
