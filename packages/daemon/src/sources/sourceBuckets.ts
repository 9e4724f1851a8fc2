/** SOURCE_BUCKETS: which objects may be loaded from where they are. */

/** `s3://bucket/key`, taken apart. */
export interface ObjectAddress {
  bucket: string;
  key: string;
}

/** A bucket, and what keys begin with; empty for all. */
interface Pattern {
  bucket: string;
  prefix: string;
}

const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
const PATTERN = new RegExp(`^(${BUCKET})(?:/(.+/)?\\*)?$`);
const ADDRESS = new RegExp(`^s3://(${BUCKET})/(.+)$`, 's');

/**
 * The patterns of a list, separated by commas: `bucket`, or `bucket/prefix/*`.
 * @throws {SyntaxError} that names what is none
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

/** Undefined for what is no address of an object: 1,024 bytes are the longest key. */
export function objectAddress(text: string): ObjectAddress | undefined {
  const [, bucket, key] = ADDRESS.exec(text) ?? [];
  if (bucket === undefined || key === undefined || Buffer.byteLength(key) > 1024 || /\p{Cc}/u.test(key))
    return undefined;
  return { bucket, key };
}

/** Keys are compared as they are: S3 knows no `..`. */
export function isAllowed(patterns: readonly Pattern[], { bucket, key }: ObjectAddress): boolean {
  return patterns.some((each) => each.bucket === bucket && key.startsWith(each.prefix));
}
