/** A check reports, for any file, what a load into an empty table rejects, record by record. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { CheckEvent } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldedEmail } from '../../src/pipeline/batch/foldedEmail.js';
import { type CheckTask, checkFile } from '../../src/pipeline/checkFile.js';
import { run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { rejectionsOf } from '../../src/sql/jobErrors.js';
import { findJob, insertJob } from '../../src/sql/jobs.js';
import { openFolderStore } from '../../src/storage/folder/folderStore.js';
import { sized, sizedIf } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { dirtyFile } from './support/dirtyFile.js';
import { NOBODY } from './support/loading.js';
import { compiledReaders } from './support/readers.js';

const LIMITS = { maxRecordBytes: 2_000, maxDecodedBytes: 1e9, batchRows: 40, batchBytes: 1e6 };

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-check-'));
  database = await createDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function checked(bytes: Uint8Array, more: Partial<CheckTask> = {}): Promise<CheckEvent[]> {
  const path = join(folder, randomUUID());
  await writeFile(path, bytes);
  const task = { path, overrides: {}, limits: LIMITS, maxUploadBytes: 1e9, ...more };
  return all(checkFile(task));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** The rejects of a load into an empty table, and its job. */
async function loaded(bytes: Uint8Array, { keep = false } = {}) {
  if (!keep) await database.pool.query('truncate customers, job_errors, jobs cascade');
  const id = randomUUID();
  await writeFile(join(folder, id), bytes);
  const file = { filename: 'f.csv', sizeBytes: bytes.length, sha256: '0'.repeat(64) };
  await insertJob(database.pool, { id, ...file, overrides: {}, idempotencyKey: null });
  const { pool, connection } = database;
  const storage = await openFolderStore(folder);
  const readers = compiledReaders();
  const deps = {
    pool,
    connection,
    storage,
    limits: LIMITS,
    readers,
    lanes: 2,
    keeper: NOBODY,
    publish: () => {},
  };
  await run((await claimJob(pool, id))!, deps, new AbortController().signal);
  await readers.close();
  const rejections = (await all(rejectionsOf(pool, id))).flat();
  return { job: (await findJob(pool, id))!, rejections };
}

const utf16 = (text: Buffer) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('against a load', () => {
  const FILES: [what: string, bytes: Buffer][] = [
    ['a dirty file', dirtyFile(1, sized(500, 900))],
    ['another', dirtyFile(2, 2_500)],
    ['few e-mails', dirtyFile(3, 40)],
    ['compressed', gzipSync(dirtyFile(4, 600))],
    ['in UTF-16', utf16(dirtyFile(5, 600))],
    ['no bad records', Buffer.from('name,email,company\nAnn,a@b.co,Acme\n')],
    ['no records', Buffer.from('name,email,company\n')],
    ['an empty field in every record', Buffer.from('name,email,company\nA,a@x.io,C,\nB,b,C,\n')],
    ['one field too many', Buffer.from('name,email,company,phone\nA,a@x.io,C, I,\nB,b@x.io,C,1\n')],
    ['a line end in a value', Buffer.from('name,email,company\r\nA\nB,b@x.io,C\r\nD,d@x.io,C\r\n')],
    [
      'lines of empty values before the header',
      Buffer.from(',,\n"",""\n\nname,email,company\n,,\nA,a@x.io,C\n'),
    ],
    ['very many blank lines', Buffer.from(`${' \t\n'.repeat(70_000)}name;email;company\nA;a@x.io;C\nB\n`)],
    [
      'very many blank lines in UTF-16',
      utf16(Buffer.from(`${'\n'.repeat(70_000)}name|email|company\nA|a@x.io|C\n`)),
    ],
    ['values in an unnamed column', Buffer.from('name,email,company,\nA,a@x.io,C,1\n')],
  ];
  // The others are of the same kinds, and readers and layouts have their own tests.
  const IN_LONG = [
    'another',
    'few e-mails',
    'compressed',
    'very many blank lines',
    'an empty field in every record',
  ];
  for (const [what, bytes] of FILES)
    it(
      `${what}: the same rejects, counts, notices and source`,
      sizedIf(!IN_LONG.includes(what)),
      async () => {
        const { job, rejections } = await loaded(bytes);
        const [read, ...events] = await checked(bytes);
        const { totalRows, source, notices } = job;
        expect(read).toEqual({ type: 'read', totalRows, source, notices });
        expect(events.pop()).toEqual({
          type: 'checked',
          totalRows,
          successCount: job.successCount,
          failedCount: job.failedCount,
          notJudged: ['e-mails that are in the table already'],
        });
        expect(events).toEqual(rejections.map((rejection) => ({ type: 'rejected', ...rejection })));
        if (job.failedCount > 100)
          expect(new Set(rejections.map(({ code }) => code)).size).toBeGreaterThanOrEqual(6);
      },
    );

  it('reports duplicates with their original values', async () => {
    const bytes = Buffer.from(
      'Company,name,E-Mail\nAcme,Ann,a@b.co\n Acme ,\tAnn  ," A@B.co "\nAcme,Ann,a@b.co\nÖ, Zoë ,zoe@öb.de\nÖ, Zoë ,zoe@ÖB.de\n',
    );
    const wanted = [
      { company: ' Acme ', name: '\tAnn  ', email: ' A@B.co ' },
      { company: 'Acme', name: 'Ann', email: 'a@b.co' },
      { company: 'Ö', name: ' Zoë ', email: 'zoe@ÖB.de' },
    ];
    const { rejections } = await loaded(bytes);
    expect(rejections.map(({ row }) => row)).toEqual(wanted);
    const events = await checked(bytes);
    expect(events.flatMap((event) => (event.type === 'rejected' ? [event.row] : []))).toEqual(wanted);
  });

  it('reports rows already in the table with their original values', async () => {
    const bytes = Buffer.from('name,email,phone,company\n Ann ,a@b.co, ,Acme\nBo,b@b.co,,Co\n');
    await loaded(bytes);
    const { job, rejections } = await loaded(bytes, { keep: true });
    expect(rejections.map(({ row, code }) => ({ ...row, code }))).toEqual([
      { name: ' Ann ', email: 'a@b.co', phone: ' ', company: 'Acme', code: 'already_in_customers' },
      { name: 'Bo', email: 'b@b.co', phone: '', company: 'Co', code: 'already_in_customers' },
    ]);
    expect(job.errors.map(({ row }) => row)).toEqual(rejections.map(({ row }) => row));
  });

  it('folds every letter like the unique index on customers', async () => {
    // Planes 0 and 1; beyond them no letter has case.
    const letters = Array.from({ length: 0x2_0000 }, (_, code) => code)
      .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
      .map((code) => String.fromCodePoint(code));
    const { rows } = await database.pool.query<{ letter: string; folded: string }>(
      'select letter, csvjobs_email_key(letter) as folded from unnest($1::text[]) as letter',
      [letters],
    );
    const differ = rows.filter(({ letter, folded }) => foldedEmail(`${letter}A`) !== `${folded}a`);
    expect(differ.map(({ letter }) => letter.codePointAt(0)?.toString(16))).toEqual([]);
    expect(rows.filter(({ letter, folded }) => letter !== folded)).toHaveLength(26 + 1407);
  });
});

describe('a file that cannot be loaded at all', () => {
  it.each([
    ['empty', Buffer.from(''), 'file_empty'],
    ['binary', Buffer.from('PK\x03\x04 and so on'), 'file_not_text'],
    ['missing columns', Buffer.from('a,b\n1,2\n'), 'header_invalid'],
    ['damaged gzip', gzipSync(dirtyFile(1, 900)).fill(0x55, 30, 60), undefined],
  ])('%s: refused, with a documented code', async (_name, bytes, code) => {
    const events = await checked(bytes);
    expect(events).toMatchObject([{ type: 'refused', ...(code !== undefined && { code }) }]);
  });

  it('damage after the sample fails the check, as it would fail the job', async () => {
    const bytes = gzipSync(dirtyFile(1, 60_000));
    // Its last four bytes are no longer a valid size.
    const cutOff = Buffer.concat([bytes.subarray(0, bytes.length - 20), Buffer.alloc(4, 0xff)]);
    const events = await checked(cutOff);
    expect(events).toMatchObject([{ type: 'failed', code: 'gzip_damaged' }]);
  });

  it('too large for an upload', async () => {
    const events = await checked(dirtyFile(1, 10), { maxUploadBytes: 50 });
    expect(events).toMatchObject([{ type: 'refused', code: 'file_too_large' }]);
  });
});
