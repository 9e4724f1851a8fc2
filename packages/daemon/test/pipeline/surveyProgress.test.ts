/** The progress of a survey: in bytes of the stored file, per pass. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Progress } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.js';
import { surveyFile } from '../../src/pipeline/surveyFile.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { findJob } from '../../src/sql/jobs.js';
import { compiledReaders } from './support/readers.js';
import { openTestLoad } from './support/testLoad.js';

const { loading, db } = await openTestLoad();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-survey-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const MIB = 1024 * 1024;

/** More than two MiB, even compressed: the names are random. */
const records = Array.from({ length: 60_000 }, (_, row) => {
  const name = Math.sin(row).toString(36).slice(2);
  return `Zo\u00eb ${name},${name}${row}@x.test,Acme ${Math.cos(row)}\n`;
});
const text = `name,email,company\n${records.join('')}`;

async function task(name: string, content: Buffer) {
  const path = join(folder, name);
  await writeFile(path, content);
  return {
    input: { kind: 'file' as const, path },
    emailsPath: `${path}.emails`,
    jobId: '00000000-0000-7000-8000-000000000000',
    limits: { maxRecordBytes: 1_000, maxDecodedBytes: 1e9, batchRows: 10, batchBytes: 1e6 },
    overrides: {},
  };
}

test.each([
  ['plain', Buffer.from(text), 1],
  ['compressed', gzipSync(text), 1],
  ['in another encoding', Buffer.from(text, 'latin1'), 2],
])('%s: all bytes of the stored file, once per pass', async (name, content, passes) => {
  const read: number[][] = [];
  await surveyFile(await task(`${name}.csv`, content), async (readBytes, pass) => {
    const of = read[pass - 1] ?? [];
    read[pass - 1] = of;
    of.push(readBytes);
  });
  expect(read).toHaveLength(passes);
  for (const each of read) {
    expect(each.length).toBeGreaterThan(1);
    expect(each).toEqual([...each].sort((a, b) => a - b));
    expect(each.at(-1)).toBe(content.length);
  }
});

test('the reading thread sends one message per MiB, before its result', async () => {
  const readers = compiledReaders();
  const content = Buffer.from(text);
  const reading = readers.open(await task('thread.csv', content));
  const read: number[] = [];
  await reading.survey(({ readBytes, pass }) => {
    expect(pass).toBe(1);
    read.push(readBytes);
  });
  const whole = Math.floor(content.length / MIB);
  expect(read).toEqual(Array.from({ length: whole }, (_, at) => (at + 1) * MIB));
  await reading.close();
  await readers.close();
});

test('a run publishes the position as progress of the pending job; a stop ends the survey, and changes nothing', async () => {
  const content = Buffer.from(text);
  const id = await loading.makeJob(db.pool, content);
  const drain = new AbortController();
  const published: Progress[] = [];
  const publish = (progress: Progress) => {
    published.push(progress);
    drain.abort();
  };
  const attempt = async () =>
    run((await claimJob(db.pool, id))!, loading.dependencies(db, 1, { publish }), drain.signal);
  expect(await attempt()).toBe('drained');
  expect(published[0]).toEqual({
    ...{ jobId: id, status: 'pending', processedRows: 0, totalRows: 0, successCount: 0, failedCount: 0 },
    reading: { readBytes: MIB, totalBytes: content.length, pass: 1 },
  });
  expect(await findJob(db.pool, id)).toMatchObject({ status: 'pending', source: null });
});

test('of a job that an older daemon has begun to load, its rows are the progress', async () => {
  const id = await loading.makeJob(db.pool, Buffer.from(text));
  const source = { encoding: 'utf-8', delimiter: ',', compression: 'none' };
  await db.pool.query(`update jobs set status = 'processing', total_rows = $2, source = $3 where id = $1`, [
    id,
    records.length,
    JSON.stringify(source),
  ]);
  const drain = new AbortController();
  const published: Progress[] = [];
  const publish = (progress: Progress) => {
    published.push(progress);
    drain.abort();
  };
  const deps = loading.dependencies(db, 1, { publish });
  expect(await run((await claimJob(db.pool, id))!, deps, drain.signal)).toBe('drained');
  const counts = { processedRows: 0, totalRows: records.length, successCount: 0, failedCount: 0 };
  expect(published).toEqual([{ jobId: id, status: 'processing', ...counts }]);
});
