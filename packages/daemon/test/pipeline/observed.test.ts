/** A load reports each of its rows, bytes and seconds to the metrics once, however many attempts it takes. */
import { expect, test } from 'vitest';
import type { RunObserver } from '../../src/pipeline/observing.js';
import { run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { never } from './support/loading.js';
import { openTestLoad } from './support/testLoad.js';

const { loading, db } = await openTestLoad();

/** Batches of 5, 10, 20 and 5 records; each has a bad one at its end. */
const bad = new Set([5, 15, 35, 40]);
const lines = Array.from({ length: 40 }, (_, at) => (bad.has(at + 1) ? 'N,,C\n' : `N,n${at}@x.example,C\n`));
const HEADER = 'name,email,company\n';

test('each batch: its rows, bytes and time, in order, and none twice after a stop', async () => {
  const id = await loading.makeJob(db.pool, Buffer.from(HEADER + lines.join('')));
  const told: Parameters<RunObserver['loaded']>[0][] = [];
  const drain = new AbortController();
  const observer: RunObserver = {
    loaded: (batch) => {
      told.push(batch);
      if (told.length === 2) drain.abort();
    },
    ended: () => {},
  };
  const deps = loading.dependencies(db, 1, { observer });
  const started = performance.now();
  expect(await run((await claimJob(db.pool, id))!, deps, drain.signal)).toBe('drained');
  expect(told).toHaveLength(2);
  expect(await run((await claimJob(db.pool, id))!, deps, never)).toBe('completed');
  const taken = (performance.now() - started) / 1_000;

  // The second attempt starts with a small batch again.
  const sizes = [5, 10, 5, 10, 10];
  const bytes = (from: number, to: number) => lines.slice(from, to).join('').length;
  let at = 0;
  const expected = sizes.map((rows) => {
    const from = at;
    at += rows;
    const rejected = [...bad].filter((row) => row > from && row <= at).length;
    const all = bytes(from, at) + (from === 0 ? HEADER.length : 0);
    return { table: 'customers', mode: {}, good: rows - rejected, rejected, bytes: all };
  });
  expect(told.map(({ seconds: _, ...batch }) => batch)).toEqual(expected);
  for (const { seconds } of told) expect(seconds).toBeGreaterThan(0);
  // One lane loads one batch after the other.
  expect(told.reduce((sum, { seconds }) => sum + seconds, 0)).toBeLessThan(taken);
});
