/**
 * Finds which earlier row has a key, in the log or in an index of it: the same answers, with bounded work.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type EarlierOptions,
  type EarlierRow,
  EarlierRows,
  pairOf,
} from '../../../src/pipeline/keys/earlierRows.js';
import { KeyLog } from '../../../src/pipeline/keys/keyLog.js';
import { NO_KEY } from '../../../src/pipeline/keys/keyPairs.js';
import { inShortIf } from '../../support/form.js';
import { randomOf } from '../target/support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-keys-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A record has two keys. */
const KEYS = 2;
const BATCH = 100;

interface Asked {
  answers: EarlierRow[][];
  expected: EarlierRow[][];
  /** `work` after each batch. */
  work: number[];
  failed: Error[];
}

/** The pair of a key; few distinct first halves, so that many keys share theirs. Below 0: none. */
function pairFor(value: number): [low: number, high: number] {
  return value < 0 ? [NO_KEY, 0] : [Math.imul(value % 977, 0x9e3779b1), value + 1];
}

/** Loads batches that each look up some keys of earlier rows, like a job with duplicates everywhere. */
async function ask(batches: number, options: Partial<EarlierOptions> = {}, lost = -1): Promise<Asked> {
  const failed: Error[] = [];
  const log = await KeyLog.open(join(folder, 'log'), KEYS, (error) => failed.push(error));
  const earlier = new EarlierRows(log, {
    indexPath: join(folder, 'sorted'),
    failed: (error) => failed.push(error),
    ...options,
  });
  const random = randomOf(20261126);
  const rowOf: Map<number, number>[] = [new Map(), new Map()];
  const asked: Asked = { answers: [], expected: [], work: [], failed };
  for (let batch = 0; batch < batches; batch++) {
    const first = batch * BATCH + 1;
    const pairs = new Int32Array(BATCH * KEYS * 2);
    const repeats: { rowNumber: number; key: number; value: number }[] = [];
    for (let at = 0; at < BATCH; at++) {
      const rowNumber = first + at;
      // The second key has the values of the first, in other rows.
      const values = [rowNumber, rowNumber % 7 === 0 ? -1 : 1_000_000 - rowNumber];
      if (at % 25 === 24) {
        const key = Math.floor(random() * KEYS);
        const before = Math.floor(random() * rowNumber * 1.02);
        values[key] = key === 0 ? before : 1_000_000 - before;
        repeats.push({ rowNumber, key, value: values[key]! });
        values[1 - key] = -1;
      }
      for (const [key, value] of values.entries()) pairs.set(pairFor(value), (at * KEYS + key) * 2);
    }
    const known = { first, pairs, keys: KEYS };
    const questions = repeats.map(({ rowNumber, key }) => ({
      ...{ rowNumber, key },
      ...pairOf(known, { rowNumber, key }),
    }));
    for (const { rowNumber } of repeats)
      for (let key = 0; key < KEYS; key++) pairs.set([NO_KEY, 0], ((rowNumber - first) * KEYS + key) * 2);
    for (let at = 0; at < BATCH; at++) {
      if (repeats.some(({ rowNumber }) => rowNumber === first + at)) continue;
      rowOf[0]!.set(first + at, first + at);
      if ((first + at) % 7 !== 0) rowOf[1]!.set(1_000_000 - first - at, first + at);
    }
    asked.expected.push(
      repeats.map(({ rowNumber, key, value }) => {
        const row = rowOf[key]!.get(value);
        return row !== undefined && row < rowNumber ? row : 'none';
      }),
    );
    asked.answers.push(await earlier.find(known, questions));
    asked.work.push(earlier.work);
    if (batch !== lost) await log.write(first, new Uint8Array(pairs.buffer));
  }
  await log.close();
  await earlier.close();
  return asked;
}

const SMALL = { searches: 4, unsorted: 250 };

const CASES: [what: string, options: Partial<EarlierOptions>][] = [
  ['the log alone', {}],
  ['an index from the first batches on', SMALL],
  ['an index many batches behind', { searches: 4, unsorted: 1_700 }],
];
for (const [what, options] of CASES)
  it(
    `gives the answers of a map of all rows: ${what}`,
    inShortIf(what !== 'an index from the first batches on'),
    async () => {
      const { answers, expected, failed } = await ask(200, options);
      expect(answers).toEqual(expected);
      expect(expected.flat().filter((row) => row !== 'none').length).toBeGreaterThan(500);
      expect(expected.flat()).toContain('none');
      expect(failed).toEqual([]);
      expect(await readdir(folder)).toEqual(['log']);
    },
  );

it('a file four times as long costs about four times as much, with duplicates in each batch', async () => {
  const { work } = await ask(400, SMALL);
  const [quarter, whole] = [work[99]!, work[399]!];
  // Searching the log alone would take sixteen times as long.
  expect(whole / quarter).toBeLessThan(6.5);
  // Each lookup reads a block or two of some runs; the rest is a few steps per record.
  const records = 400 * BATCH;
  const questions = 4 * 400;
  expect(whole).toBeLessThan(KEYS * records * Math.log2(records) + questions * 256 * 16);
});

describe('unknown rows stay unknown', () => {
  it('after a batch is missing from the log, keys not found are unknown', async () => {
    const { answers, expected } = await ask(120, SMALL, 60);
    for (const [batch, rows] of expected.entries())
      for (const [at, row] of rows.entries()) {
        const isLost = typeof row === 'number' && row > 60 * BATCH && row <= 61 * BATCH && batch > 60;
        const wanted = batch > 60 && (isLost || row === 'none') ? 'unknown' : row;
        expect([batch, answers[batch]![at]]).toEqual([batch, wanted]);
      }
  });

  it('if no index can be built, the log is searched, and a warning is logged once', async () => {
    await mkdir(join(folder, 'sorted'));
    const { answers, expected, failed } = await ask(120, SMALL);
    expect(answers).toEqual(expected);
    expect(failed).toHaveLength(1);
  });
});
