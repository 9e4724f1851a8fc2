import { reasonCounts, reasonIn } from '@csvjobs/shared';
import { expect, it } from 'vitest';

it.each([
  ['name is required; email is not a valid address', 'name is required; email is not a valid address'],
  ['duplicate of row 12', 'duplicate of an earlier row'],
  ['already in customers', 'already in customers'],
  ['line 7: NUL character; remove it from the record', 'NUL character; remove it from the record'],
  ['line 7: the record is longer than 9 bytes', 'the record is longer than 9 bytes'],
  ['line 7: 1 field where the header has 4; quote a field', 'not the 4 fields of the header; quote a field'],
  ['line 8: 5 fields where the header has 4; quote a field', 'not the 4 fields of the header; quote a field'],
  ['5 fields where other records have 3; quote a field', 'not the 3 fields of other records; quote a field'],
])('the reason in %j is %j', (message, reason) => expect(reasonIn(message)).toBe(reason));

it('reasonIn is idempotent', () => {
  for (const message of ['duplicate of row 12', 'line 8: 5 fields where the header has 4; x'])
    expect(reasonIn(reasonIn(message))).toBe(reasonIn(message));
});

it('counts become a list, most frequent first', () => {
  expect(reasonCounts({ b: 1, c: 5, a: 1 })).toEqual([
    { message: 'c', rows: 5 },
    { message: 'a', rows: 1 },
    { message: 'b', rows: 1 },
  ]);
});
