/** `s3://bucket/prefix`, as UPLOAD_STORE has it. */

export interface S3Address {
  bucket: string;
  /** What every key begins with: empty, or ends with a slash. */
  prefix: string;
}

/** Names of buckets (S3 user guide, "General purpose bucket naming rules"); older ones may be longer and have more. */
const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/** Undefined for what is none: another scheme, no bucket, or a prefix that no key can begin with. */
export function s3Address(text: string): S3Address | undefined {
  const [, bucket, path = ''] = ADDRESS.exec(text) ?? [];
  const prefix = path.replace(/\/+$/, '');
  // 1,024 bytes are the longest key; an id and what is kept beside it take 64 of them.
  if (bucket === undefined || Buffer.byteLength(prefix) > 900) return undefined;
  const steps = prefix.split('/');
  const hasBadStep = steps.some((step) => step === '' || step === '.' || step === '..');
  if (prefix !== '' && (hasBadStep || /[\p{Cc}?#]/u.test(prefix))) return undefined;
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}
