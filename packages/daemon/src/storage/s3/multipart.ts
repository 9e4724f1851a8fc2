/** Multipart uploads: the object does not exist until it is completed. */
import { explainedS3, isConditionFailed, isMissing } from './failures.js';
import { ifFree, type Objects } from './objects.js';

/** A part that the store has, with what is needed to complete the upload. */
export interface Part {
  number: number;
  size: number;
  mtimeMs: number;
  etag: string;
  /** The SDK's default checksum, if the server returned one. */
  crc32?: string | undefined;
}

export interface Unfinished {
  key: string;
  uploadId: string;
  startedMs: number;
}

/** S3's own limit. */
export const MOST_PARTS = 10_000;
const LEAST_PART_BYTES = 8 * 1024 * 1024;

/** The size of all parts but the last, chosen so that the largest upload fits: 8 MiB up to 78 GiB. */
export function partBytesFor(maxBytes: number): number {
  return Math.max(LEAST_PART_BYTES, Math.ceil(maxBytes / MOST_PARTS));
}

export interface Multipart {
  begin(key: string, metadata?: Record<string, string>): Promise<string>;
  send(key: string, uploadId: string, number: number, body: Uint8Array, signal?: AbortSignal): Promise<Part>;
  /** The parts that the store has; undefined if the upload no longer exists. */
  parts(key: string, uploadId: string): Promise<Part[] | undefined>;
  /**
   * With `free`, completes only if the key does not exist; returns false if it exists, or the upload no
   * longer exists.
   */
  complete(key: string, uploadId: string, parts: readonly Part[], free: boolean): Promise<boolean>;
  /** Does nothing if the upload does not exist. */
  abort(key: string, uploadId: string): Promise<void>;
  /** The unfinished uploads whose key has this prefix. */
  unfinished(prefix: string): Promise<Unfinished[]>;
}

export function multipartOf(objects: Objects): Multipart {
  const { bucket, encrypted, head } = objects;
  const { sdk, client, bucket: Bucket } = bucket;
  const explained = (error: unknown): never => {
    throw explainedS3(error);
  };
  return {
    async begin(Key, metadata) {
      const about = { ...encrypted, ...(metadata && { Metadata: metadata }) };
      const command = new sdk.CreateMultipartUploadCommand({ Bucket, Key, ...about });
      return (await client.send(command).catch(explained)).UploadId!;
    },

    async send(Key, UploadId, PartNumber, Body, abortSignal) {
      const command = new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body });
      const answer = await client.send(command, abortSignal && { abortSignal }).catch(explained);
      return {
        ...{ number: PartNumber, size: Body.length, mtimeMs: Date.now() },
        ...{ etag: answer.ETag!, crc32: answer.ChecksumCRC32 },
      };
    },

    async parts(Key, UploadId) {
      const parts: Part[] = [];
      let PartNumberMarker: string | undefined;
      do {
        const page = await client
          .send(new sdk.ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker }))
          .catch((error) => (isMissing(error) ? undefined : explained(error)));
        if (!page) return undefined;
        for (const { PartNumber, Size, LastModified, ETag, ChecksumCRC32 } of page.Parts ?? [])
          parts.push({
            ...{ number: PartNumber!, size: Size ?? 0, mtimeMs: LastModified?.getTime() ?? 0 },
            ...{ etag: ETag!, crc32: ChecksumCRC32 },
          });
        PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
      } while (PartNumberMarker !== undefined);
      return parts;
    },

    async complete(Key, UploadId, parts, free) {
      if (free && (await head(Key)) !== undefined) return false;
      const Parts = parts.map(({ number, etag, crc32 }) => ({
        PartNumber: number,
        ETag: etag,
        ...(crc32 !== undefined && { ChecksumCRC32: crc32 }),
      }));
      const what = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
      try {
        await ifFree(free, (condition) =>
          client.send(new sdk.CompleteMultipartUploadCommand({ ...what, ...condition })),
        );
        return true;
      } catch (error) {
        if ((free && isConditionFailed(error)) || isMissing(error)) return false;
        throw explainedS3(error);
      }
    },

    async abort(Key, UploadId) {
      const command = new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await client.send(command).catch((error) => {
        if (!isMissing(error)) throw explainedS3(error);
      });
    },

    async unfinished(Prefix) {
      const uploads: Unfinished[] = [];
      let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
      while (markers) {
        const page: import('@aws-sdk/client-s3').ListMultipartUploadsCommandOutput = await client
          .send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix, ...markers }))
          .catch(explained);
        for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
          uploads.push({ key: Key!, uploadId: UploadId!, startedMs: Initiated?.getTime() ?? 0 });
        markers = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
          : undefined;
      }
      return uploads;
    },
  };
}
