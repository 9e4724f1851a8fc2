/** SOURCE_BUCKETS: which objects may be loaded directly from their bucket. */

/** `s3://bucket/key`, split into its parts. */
export interface ObjectAddress {
  bucket: string;
  key: string;
}

/** A bucket, and the prefix of allowed keys; empty for all. */
interface Pattern {
  bucket: string;
  prefix: string;
}

const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
const PATTERN = new RegExp(`^(${BUCKET})(?:/(.+/)?\\*)?$`);
const ADDRESS = new RegExp(`^s3://(${BUCKET})/(.+)$`, 's');

/**
 * Parses a list of patterns, separated by commas: `bucket`, or `bucket/prefix/*`.
 * @throws {SyntaxError} naming the invalid pattern
 */
export function parseSourceBuckets(list: string): Pattern[] {
  return list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [, bucket, prefix = ''] = PATTERN.exec(text) ?? [];
      if (bucket === undefined)
        throw new SyntaxError(`must be buckets, as bucket or bucket/prefix/*; ${text} is neither`);
      return { bucket, prefix };
    });
}

/** Undefined if it is not the address of an object: a key has at most 1,024 bytes. */
export function objectAddress(text: string): ObjectAddress | undefined {
  const [, bucket, key] = ADDRESS.exec(text) ?? [];
  if (bucket === undefined || key === undefined || Buffer.byteLength(key) > 1024 || /\p{Cc}/u.test(key))
    return undefined;
  return { bucket, key };
}

/** Keys are compared literally: S3 does not interpret `..`. */
export function isAllowed(patterns: readonly Pattern[], { bucket, key }: ObjectAddress): boolean {
  return patterns.some((each) => each.bucket === bucket && key.startsWith(each.prefix));
}
