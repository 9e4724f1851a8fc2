/** A proposal keeps only counts per column, whatever the file contains. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { ProposalAnswer } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inShortIf } from './support/form.js';
import { runForPeak } from './support/peakMemory.js';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const COLUMNS = 1_600;
/** MiB. They use 108 and 191: a cell of JSON is parsed as a whole. */
const BOUND = 300;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-memory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** 1,600 columns with each kind of value first, and last. */
function* wide(): Generator<string> {
  const values = [
    '1',
    '1.5',
    'yes',
    '2024-01-01',
    '2024-01-01 10:00',
    '{"a":1}',
    '007',
    'a text of a few words',
  ];
  yield `${Array.from({ length: COLUMNS }, (_, at) => `column ${at}`).join(',')}\n`;
  for (let row = 0; row < 3_000; row++)
    yield `${Array.from({ length: COLUMNS }, (_, at) => values[(row + at) % values.length])
      .map(quoted)
      .join(',')}\n`;
}

/** Cells of half a MiB: JSON with many values, digits, text. */
function* large(): Generator<string> {
  const size = 500_000;
  yield 'json,digits,text\n';
  for (let row = 0; row < 150; row++) {
    const json = `[${'{"a":1},'.repeat(size / 8)}${row}]`;
    const cells = [
      [json, '', ''],
      ['[]', '1'.repeat(size), ''],
      ['{}', '1', 'é'.repeat(size / 2)],
    ][row % 3]!;
    yield `${cells.map(quoted).join(',')}\n`;
  }
}

const quoted = (value: string | undefined) =>
  /["]/.test(value!) || value!.includes(',') ? `"${value!.replaceAll('"', '""')}"` : value!;

// The short form has the second, which needs more memory.
for (const [name, lines] of [
  ['1,600 columns', wide],
  ['large cells', large],
] as const)
  it(`${name}: within its limit`, { ...inShortIf(lines === large), timeout: 300_000 }, async () => {
    const file = join(folder, name);
    await pipeline(lines, createWriteStream(file));
    const { code, stdout, stderr, peakMiB } = await runForPeak([
      PROGRAM,
      'propose-table',
      file,
      '--into',
      't',
    ]);
    expect(code, stderr).toBe(0);
    const answer = JSON.parse(stdout) as ProposalAnswer;
    expect(answer.type).toBe('proposed');
    expect(peakMiB).toBeLessThan(BOUND);
  });
