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

it('agrees in number with its rows', () => {
  expect(said(1, 1, 1, '0%')).toContain(
    '1 of the first 1 row is rejected, and at most 0 may be rejected (--max-errors, 0% of 1 row):',
  );
  expect(said(2, 3, 50, '1%')).toContain('2 of the first 3 rows are rejected');
  expect(said(1, 3, 50, 1)).toBeUndefined();
});
