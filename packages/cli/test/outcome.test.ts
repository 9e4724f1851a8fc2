/** The exit code for a job's outcome: all statuses, and the limits at their edges. */
import type { Job } from '@csvjobs/shared';
import { expect, test } from 'vitest';
import { EXIT, type ExitCode, worst } from '../src/exitCodes.js';
import { exitCodeOf, parseGate } from '../src/outcome.js';

type Ended = Parameters<typeof exitCodeOf>[0];

function ended(status: Job['status'], failedCount = 0, more: Partial<Ended> = {}): Ended {
  return { status, failedCount, processedRows: 200, failure: null, mode: {}, ...more };
}

const failure = (code: string): Partial<Ended> => ({ failure: { code, message: 'why' } as Job['failure'] });

test.each<[string, Ended, number]>([
  ['waiting', ended('pending'), EXIT.unfinished],
  ['processing', ended('processing'), EXIT.unfinished],
  ['completed', ended('completed'), EXIT.done],
  ['completed with rejects', ended('completed', 1), EXIT.rejects],
  ['held', ended('held'), EXIT.done],
  ['held with rejects', ended('held', 1), EXIT.rejects],
  ['failed', ended('failed'), EXIT.failed],
  ['failed because of its file', ended('failed', 0, failure('header_invalid')), EXIT.failed],
  ['cancelled', ended('cancelled'), EXIT.failed],
  ['undone', ended('undone'), EXIT.failed],
  ['an atomic load over its limit', ended('failed', 5, failure('gate_not_met')), EXIT.gate],
  ['a replacement that removes too many', ended('failed', 0, failure('max_removed_exceeded')), EXIT.gate],
  ['the gate exit code is only for a failed job', ended('completed', 0, failure('gate_not_met')), EXIT.done],
])('%s', (_name, job, code) => {
  expect(exitCodeOf(job, undefined)).toBe(code);
});

test.each([
  ['10', 10, EXIT.done],
  ['10', 11, EXIT.gate],
  ['0', 0, EXIT.done],
  ['0', 1, EXIT.gate],
  ['5%', 10, EXIT.done],
  ['5%', 11, EXIT.gate],
])('--max-errors %s with %i of 200 rows rejected', (limit, rejected, code) => {
  expect(exitCodeOf(ended('completed', rejected), parseGate(limit))).toBe(code);
  expect(exitCodeOf(ended('held', rejected), parseGate(limit))).toBe(code);
  // The spec's limit applies without an option.
  expect(exitCodeOf(ended('completed', rejected, { mode: { maxErrors: limit } }), undefined)).toBe(code);
});

test('the option overrides the limit of the spec', () => {
  const job = ended('completed', 5, { mode: { maxErrors: '4' } });
  expect(exitCodeOf(job, parseGate('5'))).toBe(EXIT.done);
  expect(exitCodeOf(job, undefined)).toBe(EXIT.gate);
});

test.each(['', 'ten', '101%', '-1', '1.5'])('--max-errors %j is invalid', (text) => {
  expect(() => parseGate(text)).toThrow(
    expect.objectContaining({
      message: `"${text}" is not a limit for --max-errors`,
      why: 'it must be a number of rows, or a percentage of them (0% to 100%)',
      next: 'examples: --max-errors 10, --max-errors 2.5%',
      exitCode: EXIT.usage,
    }),
  );
});

test('worst: the most urgent outcome decides for several files', () => {
  const { terminated, interrupted, hangup, unexpected, unauthorised, unreachable } = EXIT;
  const { usage, failed, unfinished, gate, rejects, done } = EXIT;
  const first: readonly ExitCode[] = [
    terminated,
    interrupted,
    hangup,
    unexpected,
    unauthorised,
    unreachable,
    usage,
    failed,
  ];
  const all = [...first, unfinished, gate, rejects, done];
  expect(worst([])).toBe(done);
  for (const [index, code] of all.entries()) expect(worst(all.slice(index).reverse())).toBe(code);
});
