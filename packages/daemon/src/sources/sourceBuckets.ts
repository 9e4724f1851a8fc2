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
const BUCKET_NAME = new RegExp(`^${BUCKET}$`);
/** `s3://bucket/key`; the name of the bucket is checked separately. */
const ADDRESS = /^s3:\/\/([^/\p{Cc}]+)\/(.+)$/su;

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

const MOST_KEY_BYTES = 1_024;

/** @throws {SyntaxError} saying what is wrong with the address of an object */
export function objectAddress(text: string): ObjectAddress {
  const [, bucket, key] = ADDRESS.exec(text) ?? [];
  if (bucket === undefined || key === undefined)
    throw new SyntaxError('must be the address of an object, such as s3://bucket/key');
  if (!BUCKET_NAME.test(bucket))
    throw new SyntaxError(
      `must name a bucket, and ${bucket} is no name of one: it has 3 to 63 characters, each a small letter, a digit, a dot or a hyphen, and begins and ends with a letter or a digit`,
    );
  const bytes = Buffer.byteLength(key);
  if (bytes > MOST_KEY_BYTES)
    throw new SyntaxError(`has a key of ${bytes} bytes; at most ${MOST_KEY_BYTES} are possible`);
  if (/\p{Cc}/u.test(key)) throw new SyntaxError('has a key with a control character');
  return { bucket, key };
}

/** Keys are compared literally: S3 does not interpret `..`. */
export function isAllowed(patterns: readonly Pattern[], { bucket, key }: ObjectAddress): boolean {
  return patterns.some((each) => each.bucket === bucket && key.startsWith(each.prefix));
}
