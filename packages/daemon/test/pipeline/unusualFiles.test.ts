/** Files that are not what most are, loaded: what arrives in the table, what is rejected, and what is said about it. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Job } from '@csvjobs/shared';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/jobProgress.js';
import { findJob, insertJob } from '../../src/sql/jobs.js';
import { createStorage } from '../../src/storage/storage.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { commented, failureOf } from './decode/chunks.js';
import { compiledReaders } from './support/readers.js';

const LIMITS = { maxRecordBytes: 2_000, maxDecodedBytes: 1e9, batchRows: 1_000, batchBytes: 1e6 };

let folder: string;
let database: TestDatabase;
const readers = compiledReaders();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-unusual-'));
  database = await createDatabase();
});
afterAll(async () => {
  await readers.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => database.pool.query('truncate customers, job_errors, jobs cascade'));

/** Loads a file: its job at the end, and the rows of the table as `name|email|company`. */
async function loaded(bytes: Uint8Array, overrides = {}): Promise<{ job: Job; rows: string[] }> {
  const { pool, connection } = database;
  const id = randomUUID();
  await writeFile(join(folder, id), bytes);
  const file = { filename: 'f.csv', sizeBytes: bytes.length, sha256: '0'.repeat(64) };
  await insertJob(pool, { id, ...file, overrides, idempotencyKey: null });
  const storage = await createStorage(folder);
  const deps = { pool, connection, storage, limits: LIMITS, readers, lanes: 1, publish: () => {} };
  await run((await claimJob(pool, id))!, deps, new AbortController().signal);
  const { rows } = await pool.query<{ row: string }>(
    `select concat_ws('|', name, email, company) as row from customers order by row_number`,
  );
  return { job: (await findJob(pool, id))!, rows: rows.map(({ row }) => row) };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const HEADER = 'name,email,company\n';

describe('encodings', () => {
  test('UTF-8 with one Latin-1 record: that one is rejected, the others stay what they are', async () => {
    const bytes = latin1(
      `${HEADER}Zo\xc3\xab,z@x.example,Acme\nJos\xe9 Nu\xf1ez,j@x.example,Caf\xe9\nAnn,a@x.example,B\n`,
    );
    const { job, rows } = await loaded(bytes);
    expect(rows).toEqual(['Zoë|z@x.example|Acme', 'Ann|a@x.example|B']);
    expect(job.errors).toMatchObject([
      { rowNumber: 2, message: 'bytes that are not UTF-8; save the file as UTF-8' },
    ]);
    expect(job.source?.encoding).toBe('utf-8');
    expect(job.notices).toEqual(['read as UTF-8; records with bytes that are not UTF-8 are rejected']);
  });

  test('windows-1252 without a word about it: loads, and says that it was assumed', async () => {
    const { job, rows } = await loaded(
      latin1(`${HEADER}J\xfcrgen Gr\xf6\xdfe,j@x.example,M\xfcller GmbH \x96 \x80\n`),
    );
    expect(rows).toEqual(['Jürgen Größe|j@x.example|Müller GmbH – €']);
    expect(job.source?.encoding).toBe('windows-1252');
    expect(job.notices).toEqual([
      'encoding assumed: windows-1252: "Jürgen", "Größe", "Müller"; if that is wrong: --encoding <name>',
    ]);
  });

  test.each([0x81, 0x8d, 0x8f, 0x90, 0x9d])(
    'windows-1252 that is asked for, with the byte %s, which it does not define: that record is rejected',
    async (byte) => {
      const bytes = Buffer.concat([
        latin1(`${HEADER}Jos\xe9,j@x.example,Acme\nB`),
        Buffer.of(byte),
        latin1('b,b@x.example,Acme\n'),
      ]);
      const { job, rows } = await loaded(bytes, { encoding: 'windows-1252' });
      expect(rows).toEqual(['José|j@x.example|Acme']);
      expect(job.errors).toMatchObject([
        {
          rowNumber: 2,
          message: 'bytes that windows-1252 does not define; check the encoding, or save the file as UTF-8',
        },
      ]);
      expect(job.notices).toEqual(['read as windows-1252']);
    },
  );

  const many = Array.from({ length: 20_000 }, (_, n) => `Jos\xe9,n${n}@x.example,Acme\n`).join('');

  test.each([
    ['a byte that windows-1252 does not define', `${many}\x81\n`, 'line 20002 has the byte 81'],
    [
      'words that two encodings read alike well',
      'Gda\xf1sk,g@x.example,A\n'.repeat(20_000),
      'as windows-1250: "Gdańsk" (as windows-1252: "Gdañsk")',
    ],
    ['a mix', `Zo\xc3\xab,z@x.example,A\n${'\xe9\n'.repeat(50)}`, 'the first of them line 3'],
  ])('%s in a long file: the job fails, before a row is loaded', async (_, text, message) => {
    const failure = await failureOf(() => loaded(latin1(HEADER + text)));
    expect(failure).toMatchObject({ code: 'encoding_undetermined', retryable: false });
    expect(failure.message).toContain(message);
    expect((await database.pool.query('select from customers')).rowCount).toBe(0);
  });

  test('text of several bytes a character, some of them delimiters and quotes, loads as it is', async () => {
    const text = `${HEADER}ソフト太郎,s@x.example,"表示|能力"\n山田花子,y@x.example,株式会社ソニー\n`;
    const { job, rows } = await loaded(iconv.encode(text, 'shift_jis'));
    expect(rows).toEqual(['ソフト太郎|s@x.example|表示|能力', '山田花子|y@x.example|株式会社ソニー']);
    expect(job.source).toMatchObject({ encoding: 'shift_jis', delimiter: ',' });
    expect(job.notices).toEqual([
      expect.stringMatching(/^encoding assumed: shift_jis: "ソフト太郎", .*--encoding <name>$/),
    ]);
  });

  test('UTF-16 and UTF-32 without a byte order mark load', async () => {
    const text = `${HEADER}Jürgen Größe,j@x.example,Müller\n`;
    for (const encoding of ['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be']) {
      const { job } = await loaded(iconv.encode(text.replace('j@', `${encoding}@`), encoding));
      expect(job).toMatchObject({ successCount: 1, source: { encoding }, notices: [`read as ${encoding}`] });
    }
  });

  test('Cyrillic loads as Cyrillic, and says that this was assumed', async () => {
    const { job, rows } = await loaded(latin1(`${HEADER}\xc8\xe2\xe0\xed,i@x.example,A\n`));
    expect(rows).toEqual(['Иван|i@x.example|A']);
    expect(job.notices).toEqual([
      'encoding assumed: windows-1251: "Иван" (as windows-1252: "Èâàí"); if that is wrong: --encoding <name>',
    ]);
  });

  test('an assumption that only the whole file shows fails a strict job, before a row is loaded', async () => {
    const text = `${HEADER}${'Ann,a@x.example,Acme\n'.repeat(20_000)}Jos\xe9,j@x.example,Acme\n`;
    const failure = await failureOf(() => loaded(latin1(text), { strict: true }));
    expect(failure).toMatchObject({ code: 'strict', retryable: false });
    expect(failure.message).toMatch(
      /needs 1: encoding assumed: windows-1252: "José".*Add --encoding windows-1252\./,
    );
    expect((await database.pool.query('select from customers')).rowCount).toBe(0);
    expect((await loaded(latin1(`${HEADER}Ann,a@x.example,Acme\n`), { strict: true })).rows).toHaveLength(1);
  });

  test('Cyrillic that is named loads', async () => {
    const bytes = Buffer.concat([latin1(HEADER), latin1('\xc8\xe2\xe0\xed,i@x.example,A\n')]);
    expect((await loaded(bytes, { encoding: 'cp1251' })).rows).toEqual(['Иван|i@x.example|A']);
  });
});

test.each([
  ['tabs and spaces', '\t \t\t\n'],
  ['tabs', '\t\t\t\t\r\n'],
  ['spaces', '   \n\n'],
])('a first line of %s does not decide the delimiter', async (_, blank) => {
  const { job, rows } = await loaded(latin1(`${blank}name;email;company\nAnn;a@x.example;Acme\n`));
  expect(rows).toEqual(['Ann|a@x.example|Acme']);
  expect(job.source?.delimiter).toBe(';');
});

test.each([
  ['a comment of 200 KB in its header', commented(200_000, `${HEADER}Ann,a@x.example,Acme\n`)],
  [
    '200,000 empty members before its text',
    Buffer.concat([...Array(200_000).fill(gzipSync('')), gzipSync(`${HEADER}Ann,a@x.example,Acme\n`)]),
  ],
])('gzip with %s loads', async (_, bytes) => {
  expect((await loaded(bytes)).rows).toEqual(['Ann|a@x.example|Acme']);
});
