/** The message of the gate of an atomic job. */
import type { Progress } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { checkGate } from '../../src/pipeline/gate.js';

const said = (failedCount: number, processedRows: number, totalRows: number, maxErrors: number | string) => {
  try {
    checkGate({ atomic: true, maxErrors }, { failedCount, processedRows, totalRows } as Progress);
  } catch (error) {
    return String(error);
  }
  return undefined;
};

it('groups the digits of its numbers', () => {
  expect(said(1241, 6250, 120_000, '1%')).toContain(
    '1,241 of the first 6,250 rows are rejected, and at most 1,200 may be rejected (--max-errors, 1% of 120,000 rows):',
  );
});

it('names the rule of a replacement, which the user need not have set', () => {
  const mode = { atomic: true, replace: true } as const;
  const progress = { failedCount: 1, processedRows: 2, totalRows: 2 } as Progress;
  expect(() => checkGate({ ...mode, maxErrors: 0 }, progress)).toThrow(
    '1 of the first 2 rows is rejected, and a file that replaces a table may have none, unless --max-errors allows some: nothing was loaded.',
  );
  expect(() => checkGate({ ...mode, maxErrors: '1%' }, progress)).toThrow('(--max-errors, 1% of 2 rows)');
});

it('agrees in number with its rows', () => {
  expect(said(1, 1, 1, '0%')).toContain(
    '1 of the first 1 row is rejected, and at most 0 may be rejected (--max-errors, 0% of 1 row):',
  );
  expect(said(2, 3, 50, '1%')).toContain('2 of the first 3 rows are rejected');
  expect(said(1, 3, 50, 1)).toBeUndefined();
});
