/** File patterns in a project file. */
import { expect, test } from 'vitest';
import { patternFor, readFilePatterns } from '../../src/config/filePatterns.js';

const PATTERNS = readFilePatterns([
  { match: 'orders-test*.csv', into: 'test.orders' },
  { match: 'orders*.csv', into: 'sales.orders', spec: 'specs/orders.yaml' },
  { match: 'exports/**/items?.csv', into: 'sales.items' },
  { match: './daily/*.csv', into: 'daily.rows' },
  { match: 'a+(b).csv', into: 'odd' },
]);

test.each([
  ['orders.csv', 'sales.orders'],
  ['data/deep/orders-2024.csv', 'sales.orders'],
  ['../orders.csv', 'sales.orders'],
  ['orders-test-1.csv', 'test.orders'],
  ['Orders.csv', undefined],
  ['orders.csv.gz', undefined],
  ['exports/items1.csv', 'sales.items'],
  ['exports/2024/05/items1.csv', 'sales.items'],
  ['exports/items.csv', undefined],
  ['other/items1.csv', undefined],
  ['daily/1.csv', 'daily.rows'],
  ['daily/deep/1.csv', undefined],
  ['a+(b).csv', 'odd'],
  ['aa(b).csv', undefined],
])('%s goes to %s', (path, into) => expect(patternFor(PATTERNS, path)?.into).toBe(into));

test.each([
  [{}, /"files" must be a list/],
  [['orders.csv'], /files\[0\] must be an object/],
  [[{ match: 'a' }, { match: 'b' }], /files\[0\] has neither "into" nor "spec"/],
  [[{ into: 'b' }], /files\[0\] has no "match"/],
  [
    [
      { match: 'a', into: 'b' },
      { match: 'a', table: 'b' },
    ],
    /files\[1\] has a key "table"; the keys are match, into, spec/,
  ],
  [[{ match: 'a', into: 3 }], /files\[0\]\.into must be a text/],
  [[{ match: '', into: 'b' }], /files\[0\]\.match must be a text/],
])('%j is refused', (value, why) => expect(() => readFilePatterns(value)).toThrow(why));
