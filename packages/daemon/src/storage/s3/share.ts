/** An object under a second key, copied by the server. */
import { fileExists } from '../fileExists.js';
import { unavailable } from '../unavailable.js';
import { explainedS3, isConditionFailed, isMissing } from './failures.js';
import { MOST_PARTS, type Multipart, type Part } from './multipart.js';
import type { Objects } from './objects.js';

/** The object to copy, and the ETag that it must have. */
interface CopyFrom {
  CopySource: string;
  CopySourceIfMatch?: string;
}

/** Maximum size that one request can copy (S3, CopyObject). */
const MOST_AT_ONCE = 5 * 1024 ** 3;
/** Smallest part of a larger object. Above 4.88 TiB parts are larger: up to 5 GiB (S3), which makes 48.8 TiB. */
const COPIED_PART_BYTES = 512 * 1024 ** 2;

/**
 * Copies an object to another key, provided that nobody replaces it meanwhile. The request's condition checks that. A
 * server that does not know the ETag of a multipart upload in that condition (OpenStack Swift) is asked for the ETag
 * before and after the copy instead.
 * @throws ENOENT if there is none; {Failure} `file_exists`, `unavailable`, `disk_full`
 */
export async function shareObject(
  { objects, multipart }: { objects: Objects; multipart: Multipart },
  key: string,
  other: string,
  { mostAtOnce = MOST_AT_ONCE, leastPart = COPIED_PART_BYTES, mostParts = MOST_PARTS } = {},
): Promise<void> {
  const { sdk, client, bucket: Bucket } = objects.bucket;
  const facts = await objects.head(key);
  if (!facts) throw noSuchObject(key);
  const { size, etag } = facts;
  const CopySource = `${Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const isSame = async () => (await objects.head(key))?.etag === etag;
  let conditional = true;
  const copy = async <Answer>(send: (from: CopyFrom) => Promise<Answer>): Promise<Answer> => {
    try {
      if (!conditional) return await send({ CopySource });
      try {
        return await send({ CopySource, CopySourceIfMatch: etag });
      } catch (error) {
        if (!isConditionFailed(error) || !(await isSame())) throw error;
        conditional = false;
        return await send({ CopySource });
      }
    } catch (error) {
      throw isMissing(error) ? noSuchObject(key) : explainedS3(error);
    }
  };
  const assertSame = async () => {
    if (!conditional && !(await isSame()))
      throw unavailable(`the object ${key} was replaced while it was copied`);
  };
  if (size <= mostAtOnce) {
    await copy((from) =>
      client.send(new sdk.CopyObjectCommand({ Bucket, Key: other, ...from, ...objects.encrypted })),
    );
    await assertSame().catch(async (error) => {
      await objects.remove(other).catch(() => {});
      throw error;
    });
    return;
  }
  const partBytes = Math.max(leastPart, Math.ceil(size / mostParts));
  const uploadId = await multipart.begin(other);
  try {
    const parts: Part[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const end = Math.min(start + partBytes, size);
      const number = parts.length + 1;
      const part = { Bucket, Key: other, UploadId: uploadId, PartNumber: number };
      const CopySourceRange = `bytes=${start}-${end - 1}`;
      const { CopyPartResult: copied } = await copy((from) =>
        client.send(new sdk.UploadPartCopyCommand({ ...part, ...from, CopySourceRange })),
      );
      parts.push({
        ...{ number, size: end - start, mtimeMs: Date.now() },
        ...{ etag: copied!.ETag!, crc32: copied!.ChecksumCRC32 },
      });
    }
    await assertSame();
    if (!(await multipart.complete(other, uploadId, parts, true))) throw fileExists();
  } catch (error) {
    await multipart.abort(other, uploadId).catch(() => {});
    throw error;
  }
}

/** The same error as from the file system. */
export function noSuchObject(key: string): Error {
  return Object.assign(new Error(`ENOENT: there is no object ${key}`), { code: 'ENOENT' });
}
