/** An object under a second key, copied by the server. */
import { fileExists } from '../fileExists.js';
import { explainedS3, isMissing } from './failures.js';
import type { Multipart, Part } from './multipart.js';
import type { Objects } from './objects.js';

/** Maximum size that one request can copy (S3, CopyObject). */
const MOST_AT_ONCE = 5 * 1024 ** 3;
/** Part size for a larger object; 10,000 parts (S3's limit) make 4.88 TiB. */
const COPIED_PART_BYTES = 512 * 1024 ** 2;

/** @throws ENOENT if there is none; {Failure} `file_exists`, `unavailable`, `disk_full` */
export async function shareObject(
  { objects, multipart }: { objects: Objects; multipart: Multipart },
  key: string,
  other: string,
  { mostAtOnce = MOST_AT_ONCE, partBytes = COPIED_PART_BYTES } = {},
): Promise<void> {
  const { sdk, client, bucket: Bucket } = objects.bucket;
  const facts = await objects.head(key);
  if (!facts) throw noSuchObject(key);
  const { size, etag } = facts;
  const from = {
    CopySource: `${Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
    CopySourceIfMatch: etag,
  };
  const explained = (error: unknown): never => {
    throw isMissing(error) ? noSuchObject(key) : explainedS3(error);
  };
  if (size <= mostAtOnce) {
    await client
      .send(new sdk.CopyObjectCommand({ Bucket, Key: other, ...from, ...objects.encrypted }))
      .catch(explained);
    return;
  }
  const uploadId = await multipart.begin(other);
  try {
    const parts: Part[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const end = Math.min(start + partBytes, size);
      const number = parts.length + 1;
      const { CopyPartResult: copied } = await client
        .send(
          new sdk.UploadPartCopyCommand({
            ...{ Bucket, Key: other, UploadId: uploadId, PartNumber: number, ...from },
            CopySourceRange: `bytes=${start}-${end - 1}`,
          }),
        )
        .catch(explained);
      parts.push({
        ...{ number, size: end - start, mtimeMs: Date.now() },
        ...{ etag: copied!.ETag!, crc32: copied!.ChecksumCRC32 },
      });
    }
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
