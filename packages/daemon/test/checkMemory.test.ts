/** A check holds only a few rejected records at a time, however many a chunk of the file has. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { columnOf, targetOf } from './rows/targets.js';
import { sized, sizedIf } from './support/form.js';
import { runForPeak } from './support/peakMemory.js';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Two bytes each: half a million per chunk, and the check holds one chunk at a time. */
const RECORDS = sized(300_000, 600_000);
/** MiB. It uses 150; it used 766 when it held the rejects of a chunk, of 400,000 records some 550. */
const BOUND = 300;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-memory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

for (const [what, header, target] of [
  ['malformed records', 'name,email,company', undefined],
  ['records for any table, each with its reason', 'a', targetOf(columnOf('a', 'integer'))],
] as const)
  it(`many short ${what}: a check stays within its limit`, {
    ...sizedIf(target === undefined),
    timeout: 300_000,
  }, async () => {
    const file = join(folder, 'short.csv');
    await writeFile(file, `${header}\n${'x\n'.repeat(RECORDS)}`);
    const table = join(folder, 't.json');
    await writeFile(table, JSON.stringify(target ?? null));
    const args = [PROGRAM, 'check', file, ...(target ? ['--table', table] : [])];
    const { code, stdout, stderr, peakMiB } = await runForPeak(args);
    expect(code, stderr).toBe(0);
    const last = stdout.slice(stdout.trimEnd().lastIndexOf('\n') + 1);
    expect(JSON.parse(last)).toMatchObject({ type: 'checked', failedCount: RECORDS });
    expect(peakMiB).toBeLessThan(BOUND);
  });
