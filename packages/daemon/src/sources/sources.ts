/**
 * Files that are loaded from where they are stored: objects in configured buckets. An object is read in the
 * version that it had at the upload, by its ETag, and never written, moved or removed.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Failure } from '../failure.js';
import { sourceChanged, sourceMissing } from '../storage/readFailures.js';
import type { Received } from '../storage/received.js';
import { type Bucket, openBucket } from '../storage/s3/bucket.js';
import { explainedS3, isConditionFailed, isMissing } from '../storage/s3/failures.js';
import { objectsOf } from '../storage/s3/objects.js';
import type { S3Source } from '../storage/source.js';
import { isAllowed, type ObjectAddress, objectAddress, parseSourceBuckets } from './sourceBuckets.js';

/** Where the file of a job is: its address, and its version (jobs.origin). */
export interface Origin {
  address: string;
  etag: string;
  size: number;
}

export interface Sources {
  /**
   * Reads an object's version, and its first and last bytes for the gate, for an upload. There is nothing to
   * commit.
   * @throws {Failure} `bad_request`, `source_not_allowed`, `source_missing`, `source_changed`, `unavailable`
   */
  offered(
    address: string,
    headBytes: number,
    tailBytes: number,
  ): Promise<{ received: Received; origin: Origin; filename: string }>;
  /** The object for the reading thread. @throws {Failure} `source_not_allowed` */
  source(origin: Origin): S3Source;
  /** @throws {Failure} `source_not_allowed`, `source_missing`, `source_changed`, `unavailable` */
  assertExists(origin: Origin): Promise<void>;
}

/** @param list SOURCE_BUCKETS; undefined allows none. @param endpoint S3_ENDPOINT */
export function createSources(list: string | undefined, endpoint: string | undefined): Sources {
  const patterns = parseSourceBuckets(list ?? '');
  const opened = new Map<string, Promise<Bucket>>();

  const allowed = (address: string): ObjectAddress => {
    const object = readAddress(address);
    if (isAllowed(patterns, object)) return object;
    throw new Failure(
      'source_not_allowed',
      `the daemon may not load from ${address}: an admin names the bucket in SOURCE_BUCKETS (${object.bucket}, or ${object.bucket}/prefix/*), or upload the file itself`,
    );
  };
  const bucketOf = (bucket: string): Promise<Bucket> => {
    const opening = opened.get(bucket) ?? openBucket({ bucket, prefix: '', endpoint });
    opened.set(bucket, opening);
    opening.catch(() => opened.delete(bucket));
    return opening;
  };
  const look = async (address: string) => {
    const { bucket, key } = allowed(address);
    const objects = await bucketOf(bucket)
      .then((open) => objectsOf(open, {}))
      .catch((error) => {
        throw unreadable(address, explainedS3(error));
      });
    const facts = await objects.head(key).catch((error) => {
      throw unreadable(address, error);
    });
    if (!facts) throw sourceMissing(address);
    /** Reads at most this many bytes from an offset. */
    const part = async (from: number, bytes: number) => {
      try {
        return bytes === 0
          ? new Uint8Array()
          : await firstBytes(await objects.range(key, facts.etag, from), bytes);
      } catch (error) {
        if (isConditionFailed(error)) throw sourceChanged(address);
        throw isMissing(error) ? sourceMissing(address, error) : unreadable(address, explainedS3(error));
      }
    };
    return { facts, part, key };
  };

  return {
    async offered(address, headBytes, tailBytes) {
      const { facts, part, key } = await look(address);
      const { size, etag } = facts;
      const origin = { address, etag, size };
      const tail = Math.min(tailBytes, size);
      const received = {
        sizeBytes: size,
        // The content was not read; the version of an object identifies it as well as a hash.
        sha256: createHash('sha256')
          .update(JSON.stringify([address, etag, size]))
          .digest('hex'),
        head: await part(0, Math.min(headBytes, size)),
        tail: await part(size - tail, tail),
        commit: async () => {},
        discard: async () => {},
      };
      return { received, origin, filename: key };
    },
    source: ({ address, etag, size }) => ({
      kind: 's3',
      ...allowed(address),
      endpoint,
      etag,
      size,
      origin: true,
    }),
    async assertExists({ address, etag }) {
      const { facts } = await look(address);
      if (facts.etag !== etag) throw sourceChanged(address);
    },
  };
}

async function firstBytes(body: Readable, bytes: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

function unreadable(address: string, cause: unknown): Failure {
  return new Failure(
    'unavailable',
    `the daemon cannot read ${address}; its log says why; check that its credentials allow s3:GetObject there, the region, and the network`,
    { retryable: true, cause },
  );
}

/** @throws {Failure} `bad_request`, saying what is wrong */
function readAddress(text: string): ObjectAddress {
  try {
    return objectAddress(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Failure('bad_request', `source ${error.message}`);
  }
}
