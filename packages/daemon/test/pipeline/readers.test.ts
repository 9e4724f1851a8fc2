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
import { inShortIf } from '../support/form.js';
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

test('closing a reading ends what waits for its answer', async () => {
  const readers = compiledReaders();
  const reading = readers.open(await fileOf(60));
  const survey = reading.survey();
  const closed = reading.close();
  await expect(survey).rejects.toMatchObject({ code: 'reader_broke', message: 'the reading was closed' });
  await closed;
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

/** Readers whose threads answer a survey with their id, send as many batches as the file's path says, and fail at `bad`. */
function numberedReaders() {
  const program = `
    import { parentPort, threadId, workerData } from 'node:worker_threads';
    import { opened } from ${JSON.stringify(new URL('../../dist/pipeline/opening.js', import.meta.url))};
    opened(workerData.opening, parentPort);
    let path;
    parentPort.on('message', ({ ask, task }) => {
      if (ask === 'open') path = task.input.path;
      if (ask === 'survey' && path === 'bad') parentPort.postMessage({ type: 'failed', code: 'bad', message: 'bad' });
      else if (ask === 'survey') parentPort.postMessage({ type: 'survey', survey: { headerText: String(threadId) } });
      if (ask !== 'batches') return;
      for (let batch = 0; batch < Number(path); batch++) parentPort.postMessage({ type: 'batch', batch: {} });
      parentPort.postMessage({ type: 'end' });
    });`;
  const readers = createReaders(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  return {
    readers,
    open: async (path: string) => {
      const task = await fileOf(1);
      return readers.open({ ...task, input: { kind: 'file', path } });
    },
  };
}

const FROM_START = {
  source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
  checkpoint: { byteOffset: 0, line: 1, rowNumber: 0 },
} as const;

for (const [what, path, toTheEnd, again] of [
  ['a survey', '0', false, true],
  ['two batches', '2', true, true],
  ['three batches', '3', true, false],
  ['a part of two batches', '2', false, false],
  ['batches that no one took', '2', false, false],
  ['a failure', 'bad', false, false],
] as const)
  test(
    `a thread reads another file after ${what}: ${path}`,
    inShortIf(/two batches|failure/.test(what)),
    async () => {
      const { readers, open } = numberedReaders();
      const first = await open(path);
      const thread = (await first.survey().catch(() => undefined))?.headerText;
      const batches = () => first.batches(FROM_START);
      if (toTheEnd) for await (const _ of batches());
      else if (what.startsWith('a part')) await batches().next();
      else if (what.startsWith('batches')) batches();
      await first.close();
      const next = await open('0');
      // Its end is only once: the thread may be that of another job.
      await first.close();
      const its = (await next.survey()).headerText;
      if (path === 'bad') expect(thread).toBeUndefined();
      else expect(its === thread).toBe(again);
      const third = await open('0');
      expect((await third.survey()).headerText).not.toBe(its);
      await third.close();
      await next.close();
      await readers.close();
    },
  );

test('a thread reads at most a hundred files', async () => {
  const { readers, open } = numberedReaders();
  const threads = [];
  for (let file = 0; file < 101; file++) {
    const reading = await open('0');
    threads.push((await reading.survey()).headerText);
    await reading.close();
  }
  expect(new Set(threads.slice(0, 100)).size).toBe(1);
  expect(threads[100]).not.toBe(threads[0]);
  await readers.close();
});

test('what a thread has read before does not show', async () => {
  const texts = [
    'name,email,company\nAnn,a@b.co,Acme\nAnn,not an address,Acme\n',
    'Company;E-Mail;Name;Phone\r\nÄcme;a@b.co;"Ann; B";1\r\n;b@b.co;Bob;\r\n',
    'name\temail\tcompany\nAnn\ta@b.co\tAcme\nAnn\ta@b.co\tAcme\n',
  ];
  const tasks = await Promise.all(
    texts.map(async (text, at) => {
      const path = join(folder, `kind${at}.csv`);
      await writeFile(path, at === 1 ? Buffer.from(text, 'latin1') : text);
      return { ...(await fileOf(1)), input: { kind: 'file' as const, path }, emailsPath: `${path}.emails` };
    }),
  );
  const readers = compiledReaders();
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const read = async (by: typeof readers, task: ReadTask) => {
    await rm(task.emailsPath, { force: true });
    const reading = by.open(task);
    const survey = await reading.survey();
    const batches = [];
    const from = {
      ...FROM_START,
      ...{ source: survey.source, emails: { expected: survey.totalRows, table: undefined } },
    };
    for await (const { direct, suspects, rejects, kept, ...rest } of reading.batches<Batch>(from))
      batches.push({
        ...rest,
        // Their IDs are random.
        rows: [direct, suspects].map(({ count, copy }) => [count, copy.length]),
        texts: [rejects.copy, kept.text].map((text) => Buffer.from(text).toString()),
      });
    await reading.close();
    return { survey, batches };
  };
  const alone = [];
  for (const task of tasks) {
    const own = compiledReaders();
    alone.push(await read(own, task));
    await own.close();
  }
  for (const task of tasks) await read(readers, task);
  const before = openFiles();
  for (const [at, task] of [...tasks.entries(), ...tasks.entries()])
    expect(await read(readers, task)).toEqual(alone[at]);
  expect(openFiles()).toBe(before);
  await readers.close();
});

test('a thread that has read another header continues a file by its own', async () => {
  const path = join(folder, 'other.csv');
  await writeFile(path, 'company,name,email\nAcme,Ann,a@b.co\n');
  const readers = compiledReaders();
  const task = await fileOf(5);
  const first = readers.open(task);
  const { source } = await first.survey();
  const emails = { expected: 5, table: undefined };
  const { checkpoint, header } = (await first.batches<Batch>({ ...FROM_START, source, emails }).next())
    .value as Batch;
  await first.close();
  const other = readers.open({ ...task, input: { kind: 'file', path } });
  await other.survey();
  await other.close();
  const rest = readers.open(task);
  const batches: Batch[] = [];
  for await (const batch of rest.batches<Batch>({ source, checkpoint, emails })) batches.push(batch);
  expect(
    batches.map(({ rejects, direct, suspects }) => [rejects.count, direct.count + suspects.count]),
  ).toEqual([
    [0, 2],
    [0, 1],
  ]);
  expect(batches[0]!.header).toEqual(header);
  await rest.close();
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
