/** SOURCE_BUCKETS: what a pattern allows, and invalid patterns and addresses. */
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { isAllowed, objectAddress, parseSourceBuckets } from '../../src/sources/sourceBuckets.js';

const allows = (list: string, address: string) => {
  const object = objectAddress(address);
  return object !== undefined && isAllowed(parseSourceBuckets(list), object);
};

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
  ['exports', 'https://exports/a.csv', false],
  ['exports', 's3://exports/', false],
  ['exports', 's3://exports/a\n.csv', false],
  ['exports', `s3://exports/${'x'.repeat(1025)}`, false],
])('%j allows %s: %s', (list, address, expected) => {
  expect(allows(list, address)).toBe(expected);
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
