/** The store's operations on objects of a bucket, through the SDK: each call answers or throws a failure. */
import type { Readable } from 'node:stream';
import type { Encryption } from '../uploadBucket.js';
import type { Bucket } from './bucket.js';
import { explainedS3, isConditionFailed, isConditionUnknown, isMissing } from './failures.js';

export interface ObjectFacts {
  size: number;
  etag: string;
  mtimeMs: number;
  metadata: Record<string, string>;
}

export interface PutOptions {
  free?: boolean;
  metadata?: Record<string, string>;
}

export interface Listed {
  key: string;
  mtimeMs: number;
}

export interface Objects {
  bucket: Bucket;
  /** Headers of requests that create an object. */
  encrypted: Record<string, string>;
  head(key: string): Promise<ObjectFacts | undefined>;
  /** Reads a small object in full. */
  get(key: string): Promise<Buffer | undefined>;
  /** Reads the object with this ETag from one byte on. */
  range(key: string, etag: string, from: number, signal?: AbortSignal): Promise<Readable>;
  /** Creates or replaces an object. With `free`, only if the key does not exist: returns false if it does. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<boolean>;
  /** Does nothing if the object does not exist. */
  remove(key: string): Promise<void>;
  /** The keys that have this prefix and no further slash. */
  list(prefix: string): Promise<Listed[]>;
}

export function objectsOf(bucket: Bucket, { sse, kmsKeyId }: Encryption): Objects {
  const { sdk, client, bucket: Bucket } = bucket;
  const encrypted = {
    ...(sse && { ServerSideEncryption: sse }),
    ...(kmsKeyId && { SSEKMSKeyId: kmsKeyId }),
  };
  /** Undefined if the key does not exist. */
  const found = <T>(promise: Promise<T>): Promise<T | undefined> =>
    promise.catch((error) => {
      // A wrong bucket is not a missing object.
      if (isMissing(error) && error.name !== 'NoSuchBucket') return undefined;
      throw explainedS3(error);
    });
  const head = async (Key: string) => {
    const answer = await found(client.send(new sdk.HeadObjectCommand({ Bucket, Key })));
    return (
      answer && {
        size: answer.ContentLength ?? 0,
        etag: answer.ETag ?? '',
        mtimeMs: answer.LastModified?.getTime() ?? 0,
        metadata: answer.Metadata ?? {},
      }
    );
  };
  return {
    bucket,
    encrypted,
    head,
    async get(Key) {
      const answer = await found(client.send(new sdk.GetObjectCommand({ Bucket, Key })));
      return answer && Buffer.from(await answer.Body!.transformToByteArray());
    },
    async range(Key, etag, from, abortSignal) {
      const command = new sdk.GetObjectCommand({ Bucket, Key, IfMatch: etag, Range: `bytes=${from}-` });
      return (await client.send(command, abortSignal && { abortSignal })).Body as Readable;
    },
    async put(Key, Body, { free = false, metadata } = {}) {
      if (free && (await head(Key)) !== undefined) return false;
      const what = { Bucket, Key, Body, ...encrypted, ...(metadata && { Metadata: metadata }) };
      try {
        await ifFree(free, (condition) => client.send(new sdk.PutObjectCommand({ ...what, ...condition })));
        return true;
      } catch (error) {
        if (free && isConditionFailed(error)) return false;
        throw explainedS3(error);
      }
    },
    async remove(Key) {
      await found(client.send(new sdk.DeleteObjectCommand({ Bucket, Key })));
    },
    async list(Prefix) {
      const listed: Listed[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client
          .send(new sdk.ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/', ContinuationToken }))
          .catch((error) => {
            throw explainedS3(error);
          });
        for (const { Key, LastModified } of page.Contents ?? [])
          listed.push({ key: Key!, mtimeMs: LastModified?.getTime() ?? 0 });
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return listed;
    },
  };
}

/**
 * Sends a request that must not replace anything. A server that does not know the condition ignores it or
 * rejects the request; the caller has checked before.
 */
export async function ifFree<T>(
  free: boolean,
  send: (condition: { IfNoneMatch?: '*' }) => Promise<T>,
): Promise<T> {
  if (!free) return send({});
  try {
    return await send({ IfNoneMatch: '*' });
  } catch (error) {
    if (!isConditionUnknown(error)) throw error;
    return send({});
  }
}
