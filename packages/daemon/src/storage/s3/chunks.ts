/**
 * The bytes of an object, in the reading thread: one request for as long as it lasts, and another from the
 * current position if the connection breaks. All requests use the same ETag, so that a replaced object is an
 * error instead of other bytes.
 */
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileChanged, fileMissing, sourceChanged, sourceMissing } from '../readFailures.js';
import type { S3Source } from '../source.js';
import { type Bucket, openBucket } from './bucket.js';
import { codeOf, explainedS3, isConditionFailed, isMissing } from './failures.js';
import { type Objects, objectsOf } from './objects.js';

/** One chunk is processed while another of this size is read ahead (see fileChunks.ts). */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Pauses between tries in a row that bring no byte, in addition to the SDK's tries, in ms: half a minute in
 * total.
 */
const PAUSES_MS = [100, 500, 2_000, 5_000, 10_000, 15_000];

const opened = new Map<string, Promise<Bucket>>();

/**
 * Opens the bucket of a source, once per thread: loads the SDK and finds credentials. @throws {Failure}
 * `unavailable`
 */
export async function prepareS3(source: S3Source): Promise<void> {
  await bucketOf(source);
}

function bucketOf({ bucket, endpoint }: S3Source): Promise<Bucket> {
  const name = JSON.stringify([bucket, endpoint]);
  let opening = opened.get(name);
  if (!opening) {
    opening = openBucket({ bucket, prefix: '', endpoint }).catch((error) => {
      opened.delete(name);
      throw explainedS3(error);
    });
    opened.set(name, opening);
  }
  return opening;
}

/**
 * The bytes from an offset on. A chunk is valid until the next one is requested.
 * @throws {Failure} `file_changed`, `file_missing`, `unavailable`
 */
export async function* s3Chunks(source: S3Source, start = 0): AsyncGenerator<Uint8Array, void, undefined> {
  const objects = objectsOf(await bucketOf(source), {});
  const stop = new AbortController();
  const pieces = continued(objects, source, start, stop.signal);
  const memory = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  let turn: 0 | 1 = 0;
  let left: Uint8Array = new Uint8Array();
  /** Fills a buffer; returns the number of bytes. */
  const fill = async (into: Buffer): Promise<number> => {
    let filled = 0;
    while (filled < CHUNK_BYTES) {
      if (left.length === 0) {
        const { done, value } = await pieces.next();
        if (done) break;
        left = value;
      }
      const taken = left.subarray(0, CHUNK_BYTES - filled);
      into.set(taken, filled);
      filled += taken.length;
      left = left.subarray(taken.length);
    }
    return filled;
  };
  let filling = fill(memory[turn]);
  try {
    for (;;) {
      const full = memory[turn];
      const filled = await filling;
      if (filled === 0) return;
      turn = turn === 0 ? 1 : 0;
      filling = fill(memory[turn]);
      yield full.subarray(0, filled);
    }
  } finally {
    stop.abort();
    await filling.catch(() => {});
    await pieces.return();
  }
}

/** The bytes as they arrive, over as many requests as needed. */
export async function* continued(
  objects: Objects,
  { bucket, key, etag, size, origin }: Pick<S3Source, 'bucket' | 'key' | 'etag' | 'size' | 'origin'>,
  start: number,
  signal?: AbortSignal,
  pauses: readonly number[] = PAUSES_MS,
): AsyncGenerator<Uint8Array, void, undefined> {
  const place = `s3://${bucket}/${key}`;
  let offset = start;
  for (let failures = 0; offset < size; ) {
    let body: Readable | undefined;
    try {
      body = await objects.range(key, etag, offset, signal);
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        failures = 0;
        offset += piece.length;
        yield piece;
      }
      if (offset < size) throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
    } catch (error) {
      if (isConditionFailed(error)) throw origin ? sourceChanged(place) : fileChanged(place);
      if (isMissing(error) && codeOf(error) !== 'NoSuchBucket')
        throw origin ? sourceMissing(place, error) : fileMissing(place, error);
      const pause = pauses[failures];
      if (signal?.aborted || pause === undefined || !mayPass(error)) throw explainedS3(error);
      failures++;
      await setTimeout(pause, undefined, signal && { signal });
    } finally {
      body?.destroy();
    }
  }
}

/**
 * Not for wrong credentials or a wrong bucket. The SDK marks what it has retried itself, except broken
 * bodies.
 */
function mayPass(error: unknown): boolean {
  const { $fault, $metadata } = error as { $fault?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (/^(CredentialsProviderError|RequestTimeTooSkewed)$/.test(codeOf(error))) return false;
  return status === undefined ? $fault !== 'client' : status >= 500 || status === 429 || status < 300;
}
