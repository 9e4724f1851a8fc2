/** `s3://bucket/prefix`, the format of UPLOAD_STORE. */

export interface S3Address {
  bucket: string;
  /** The prefix of every key: empty, or ends with a slash. */
  prefix: string;
}

/**
 * Bucket names (S3 user guide, "General purpose bucket naming rules"); older buckets may have longer names
 * and other characters.
 */
const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/** Undefined if it is not valid: another scheme, no bucket, or a prefix that no key can have. */
export function s3Address(text: string): S3Address | undefined {
  const [, bucket, path = ''] = ADDRESS.exec(text) ?? [];
  const prefix = path.replace(/\/+$/, '');
  // A key has at most 1,024 bytes; an id and the objects beside it need 64 of them.
  if (bucket === undefined || Buffer.byteLength(prefix) > 900) return undefined;
  const steps = prefix.split('/');
  const hasBadStep = steps.some((step) => step === '' || step === '.' || step === '..');
  if (prefix !== '' && (hasBadStep || /[\p{Cc}?#]/u.test(prefix))) return undefined;
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}
