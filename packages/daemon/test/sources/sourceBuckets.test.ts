/** SOURCE_BUCKETS: what a pattern allows, and invalid patterns and addresses. */
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { isAllowed, objectAddress, parseSourceBuckets } from '../../src/sources/sourceBuckets.js';
import { createSources } from '../../src/sources/sources.js';

const allows = (list: string, address: string) => isAllowed(parseSourceBuckets(list), objectAddress(address));

test.each([
  ['exports', 's3://exports/a.csv', true],
  ['exports/*', 's3://exports/a/b.csv', true],
  ['exports', 's3://exports-2/a.csv', false],
  ['partners/acme/*', 's3://partners/acme/may.csv', true],
  ['partners/acme/*', 's3://partners/acme', false],
  ['partners/acme/*', 's3://partners/acme-2/may.csv', false],
  ['partners/acme/*', 's3://partners/other/../acme/may.csv', false],
  [' one , two/x/* ', 's3://two/x/y.csv', true],
  ['', 's3://exports/a.csv', false],
])('%j allows %s: %s', (list, address, expected) => {
  expect(allows(list, address)).toBe(expected);
});

const NO_ADDRESS = 'must be the address of an object, such as s3://bucket/key';
const BAD_NAME = 'is no name of one: it has 3 to 63 characters, each a small letter';

test.each([
  ['https://exports/a.csv', NO_ADDRESS],
  ['s3://exports/', NO_ADDRESS],
  ['s3://exports', NO_ADDRESS],
  ['s3:///a.csv', NO_ADDRESS],
  ['s3://x/y', `must name a bucket, and x ${BAD_NAME}`],
  [`s3://${'x'.repeat(64)}/y`, `must name a bucket, and ${'x'.repeat(64)} ${BAD_NAME}`],
  ['s3://Exports/y', `must name a bucket, and Exports ${BAD_NAME}`],
  ['s3://exports/a\n.csv', 'has a key with a control character'],
  [`s3://exports/${'x'.repeat(1025)}`, 'has a key of 1025 bytes; at most 1024 are possible'],
])('%j is refused as an address', (address, message) => {
  const { source } = createSources('exports', undefined);
  expect(() => source({ address, etag: '', size: 0 })).toThrow(`source ${message}`);
});

test.each(['*', 'exports/acme', 'exports/*/x', 's3://exports', 'Exports'])(
  '%s is refused as a pattern',
  (list) => {
    expect(() => readConfig({ SOURCE_BUCKETS: list })).toThrow(/SOURCE_BUCKETS: must be buckets/);
  },
);

test('nothing is allowed by default', () => {
  expect(readConfig({}).SOURCE_BUCKETS).toBeUndefined();
});
