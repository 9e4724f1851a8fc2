/** Reader threads: one waits for the next file, each reads one, and none is left over. */

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Batch } from '../../src/pipeline/batch.js';
import { endThread, newOpening } from '../../src/pipeline/opening.js';
import { createReaders } from '../../src/pipeline/readers.js';
import type { ReadTask } from '../../src/pipeline/reading.js';
import { compiledReaders } from './support/readers.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-readers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file with this many records. */
async function fileOf(records: number): Promise<ReadTask> {
  const path = join(folder, `${records}.csv`);
  const line = (_: unknown, row: number) => `Ann,a${row}@b.co,Acme\n`;
  await writeFile(path, `name,email,company\n${Array.from({ length: records }, line).join('')}`);
  return {
    input: { kind: 'file', path },
    emailsPath: `${path}.emails`,
    jobId: '00000000-0000-7000-8000-000000000000',
    limits: { maxRecordBytes: 1_000, maxDecodedBytes: 1e6, batchRows: 10, batchBytes: 1e6 },
    overrides: {},
  };
}

test('reads files one after the other, and more at once than there are waiting threads', async () => {
  const readers = compiledReaders();
  for (const records of [3, 4]) {
    const reading = readers.open(await fileOf(records));
    expect((await reading.survey()).totalRows).toBe(records);
    await reading.close();
  }
  const both = [readers.open(await fileOf(5)), readers.open(await fileOf(6))];
  const surveys = await Promise.all(both.map((reading) => reading.survey()));
  expect(surveys.map(({ totalRows }) => totalRows)).toEqual([5, 6]);
  await Promise.all(both.map((reading) => reading.close()));
  await readers.close();
});

test('closing a read in the middle of its file does not affect the next', async () => {
  const readers = compiledReaders();
  const task = await fileOf(60);
  const source = {
    encoding: 'utf-8',
    delimiter: ',',
    compression: 'none',
    fields: 3,
    lineEnd: 'lf',
  } as const;
  const start = { byteOffset: 0, line: 1, rowNumber: 0 };
  const emails = { expected: 60, table: undefined };
  const first = readers.open(task);
  const batches = first.batches({ source, checkpoint: start, emails });
  expect((await batches.next()).value.checkpoint.rowNumber).toBe(2);
  await first.close();
  const next = readers.open(task);
  let rows = 0;
  for await (const batch of next.batches<Batch>({ source, checkpoint: start, emails }))
    rows += batch.direct.count;
  expect(rows).toBe(60);
  await next.close();
  await readers.close();
});

test.each([
  ['ends', 'process.exit(3)', 'ended with code 3'],
  ['fails', `throw new Error('out of order')`, 'out of order'],
])('a thread that %s fails its read, which can be retried', async (_, program, message) => {
  const readers = createReaders(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  const reading = readers.open(await fileOf(3));
  const failure = { code: 'reader_broke', retryable: true, message: expect.stringContaining(message) };
  await expect(reading.survey()).rejects.toMatchObject(failure);
  await reading.close();
  await readers.close();
});

test.skipIf(process.platform !== 'linux')(
  'a thread terminated during its start leaves no file open',
  async () => {
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const readers = compiledReaders();
    const task = await fileOf(3);
    const first = readers.open(task);
    await first.survey();
    const before = openFiles();
    await first.close();
    for (let attempt = 0; attempt < 12; attempt++) {
      const reading = readers.open(task);
      await setTimeout(5 * attempt);
      await reading.close();
    }
    const last = readers.open(task);
    await last.survey();
    expect(openFiles()).toBe(before);
    await last.close();
    await readers.close();
  },
);

test('a thread terminated while opening a file finishes opening before it ends', async () => {
  const program = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { opened, whileOpening } from ${JSON.stringify(new URL('../../dist/pipeline/opening.js', import.meta.url))};
    opened(workerData.opening, parentPort);
    await whileOpening(workerData.opening, parentPort, async () => {
      parentPort.postMessage('opens');
      await new Promise((resolve) => setTimeout(resolve, 100));
      Atomics.store(workerData.hasOpened, 0, 1);
    });
    // Keeps the thread.
    parentPort.on('message', () => {});`;
  const opening = newOpening();
  const hasOpened = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
    workerData: { opening, hasOpened },
  });
  await new Promise<void>((resolve) => thread.on('message', (said) => said === 'opens' && resolve()));
  await endThread(thread, opening);
  expect(hasOpened[0]).toBe(1);
  await endThread(thread, opening);
});

test('the waiting thread does not keep the process alive', async () => {
  const module = fileURLToPath(new URL('../../dist/pipeline/readers.js', import.meta.url));
  const program = `import(${JSON.stringify(module)}).then(({ createReaders }) => createReaders())`;
  const run = promisify(execFile)(process.execPath, ['-e', program]);
  await expect(run).resolves.toEqual({ stdout: '', stderr: '' });
});
