/** The bucket for uploads, from the configuration. */
import { Failure } from '../failure.js';
import { type S3Address, s3Address } from './s3/address.js';

/** Encryption of new objects; if not set, the bucket's own settings apply. */
export interface Encryption {
  sse?: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined;
  kmsKeyId?: string | undefined;
}

export interface UploadBucket extends S3Address, Encryption {
  /** A server other than Amazon's, addressed by path, not by host name. */
  endpoint?: string | undefined;
}

/** Undefined if uploads are kept in a folder. @throws {Failure} `configuration_invalid` */
export function uploadBucketOf(set: {
  UPLOAD_STORE?: string | undefined;
  S3_ENDPOINT?: string | undefined;
  S3_SSE?: Encryption['sse'];
  S3_SSE_KMS_KEY_ID?: string | undefined;
}): UploadBucket | undefined {
  if (set.S3_SSE_KMS_KEY_ID !== undefined && !set.S3_SSE?.startsWith('aws:kms'))
    throw new Failure(
      'configuration_invalid',
      'S3_SSE_KMS_KEY_ID is set but has no effect: set S3_SSE to aws:kms (or aws:kms:dsse), or remove it',
    );
  const address = set.UPLOAD_STORE === undefined ? undefined : s3Address(set.UPLOAD_STORE);
  if (!address) return undefined;
  return { ...address, endpoint: set.S3_ENDPOINT, sse: set.S3_SSE, kmsKeyId: set.S3_SSE_KMS_KEY_ID };
}
