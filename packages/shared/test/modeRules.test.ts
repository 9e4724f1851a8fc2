import { expect, test } from 'vitest';
import { hasLoaded } from '../src/modeRules.js';

const none = { references: [], refusals: [], referenced: 0, refused: 0, kept: 0, changed: 0, missing: 0 };
const undone = { by: 'ci', at: '2026-01-01T00:00:00Z', removed: 1, restored: 0, ...none };
const counts = { inserted: 0, updated: 0, unchanged: 2, skipped: 0 };

test.each<[string, Parameters<typeof hasLoaded>[0], boolean]>([
  ['inserted', { status: 'failed', successCount: 2 }, true],
  ['updated', { status: 'failed', successCount: 3, counts: { ...counts, updated: 1 } }, true],
  ['rejected only', { status: 'completed', successCount: 0 }, false],
  ['unchanged only', { status: 'completed', successCount: 2, counts }, false],
  ['of a dry run', { status: 'completed', successCount: 2, mode: { dryRun: true } }, false],
  ['rolled back', { status: 'failed', successCount: 2, mode: { atomic: true } }, false],
  ['committed together', { status: 'completed', successCount: 2, mode: { atomic: true } }, true],
  ['undone', { status: 'undone', successCount: 2, undone }, false],
  ['left by an undo', { status: 'undone', successCount: 2, undone: { ...undone, changed: 1 } }, true],
])('whether a job has rows in its table: %s', (_, job, expected) => {
  expect(hasLoaded(job)).toBe(expected);
});
