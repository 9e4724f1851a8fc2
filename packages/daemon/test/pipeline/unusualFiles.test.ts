/** Loads of unusual files: the loaded rows, the rejects, and the notices. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Job, Progress, Source } from '@csvjobs/shared';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { findJob, insertJob } from '../../src/sql/jobs.js';
import { openFolderStore } from '../../src/storage/folder/folderStore.js';
import { inShortIf } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { commented, failureOf } from './decode/chunks.js';
import { NOBODY } from './support/loading.js';
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
async function loaded(
  bytes: Uint8Array,
  overrides = {},
  { batchRows = LIMITS.batchRows, runs = false } = {},
): Promise<{ job: Job; rows: string[] }> {
  const { pool, connection } = database;
  const id = randomUUID();
  await writeFile(join(folder, id), bytes);
  const file = { filename: 'f.csv', sizeBytes: bytes.length, sha256: '0'.repeat(64) };
  await insertJob(pool, { id, ...file, overrides, idempotencyKey: null });
  const storage = await openFolderStore(folder);
  // With `runs`, each attempt ends after its first batch.
  for (let ended = ''; ended !== 'completed'; ) {
    const drain = new AbortController();
    const publish = ({ processedRows }: Progress) => {
      if (runs && processedRows > 0) drain.abort();
    };
    const limits = { ...LIMITS, batchRows };
    const deps = { pool, connection, storage, limits, readers, lanes: 1, keeper: NOBODY, publish };
    ended = await run((await claimJob(pool, id))!, deps, drain.signal);
  }
  const { rows } = await pool.query<{ row: string }>(
    `select concat_ws('|', name, email, company) as row from customers order by row_number`,
  );
  return { job: (await findJob(pool, id))!, rows: rows.map(({ row }) => row) };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const HEADER = 'name,email,company\n';

describe('encodings', () => {
  test('UTF-8 with one Latin-1 record: that one is rejected, the others are unchanged', async () => {
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

  test('windows-1252 without an option: loads, with a notice that it was assumed', async () => {
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
    'requested windows-1252 with the byte %s, which it does not define: that record is rejected',
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

  for (const [what, text, message] of [
    ['a byte that windows-1252 does not define', `${many}\x81\n`, 'line 20002 has the byte 81'],
    [
      'words that are equally likely in two encodings',
      'Gda\xf1sk,g@x.example,A\n'.repeat(20_000),
      'as windows-1250: "Gdańsk" (as windows-1252: "Gdañsk")',
    ],
    ['mixed encodings', `Zo\xc3\xab,z@x.example,A\n${'\xe9\n'.repeat(50)}`, 'the first of them line 3'],
  ] as const)
    test(
      `${what} in a long file: the job fails, before a row is loaded`,
      inShortIf(!what.startsWith('words')),
      async () => {
        const failure = await failureOf(() => loaded(latin1(HEADER + text)));
        expect(failure).toMatchObject({ code: 'encoding_undetermined', retryable: false });
        expect(failure.message).toContain(message);
        expect((await database.pool.query('select from customers')).rowCount).toBe(0);
      },
    );

  test('text with multi-byte characters that contain delimiters and quotes loads unchanged', async () => {
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

  test('Cyrillic loads correctly, with a notice that it was assumed', async () => {
    const { job, rows } = await loaded(latin1(`${HEADER}\xc8\xe2\xe0\xed,i@x.example,A\n`));
    expect(rows).toEqual(['Иван|i@x.example|A']);
    expect(job.notices).toEqual([
      'encoding assumed: windows-1251: "Иван" (as windows-1252: "Èâàí"); if that is wrong: --encoding <name>',
    ]);
  });

  test('an assumption that only the whole file reveals fails a strict job, before a row is loaded', async () => {
    const text = `${HEADER}${'Ann,a@x.example,Acme\n'.repeat(20_000)}Jos\xe9,j@x.example,Acme\n`;
    const failure = await failureOf(() => loaded(latin1(text), { strict: true }));
    expect(failure).toMatchObject({ code: 'strict', retryable: false });
    expect(failure.message).toMatch(
      /needs 1: encoding assumed: windows-1252: "José".*Add --encoding windows-1252\./,
    );
    expect((await database.pool.query('select from customers')).rowCount).toBe(0);
    expect((await loaded(latin1(`${HEADER}Ann,a@x.example,Acme\n`), { strict: true })).rows).toHaveLength(1);
  });

  test('Cyrillic with a named encoding loads', async () => {
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

describe('lines that are not records, and dialects', () => {
  const records = (count: number, write: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => write(n)).join('');

  const CASES: [string, string, object, Partial<Source>][] = [
    [
      'titles and a footer',
      `Example Co,,\n\n${HEADER}${records(9, (n) => `N ${n},n${n}@x.example,A\n`)}\nTotal,,9\n`,
      {},
      { headerLine: 3, footerLine: 14 },
    ],
    [
      'another quote, an escape and several characters between fields',
      `'name'::'email'::'company'\n${records(9, (n) => `'N ${n}'::n${n}@x.example::A\n`)}`,
      { delimiter: '::', dialect: { quote: "'", escape: '\\' } },
      { delimiter: '::' },
    ],
    [
      'no header, skipped lines and comments',
      `junk"\n# a\n${records(9, (n) => `A,N ${n},n${n}@x.example\n# c\n`)}`,
      { dialect: { columns: ['company', 'name', 'email'], comment: '#', skipLines: 1 } },
      {},
    ],
    [
      'records without a value, and a header of two lines',
      `full ,e,com\nname,mail,pany\n,,\n${records(9, (n) => `N ${n},n${n}@x.example,A\n"","",\n`)}`,
      { dialect: { headerRows: [1, 2], headerJoin: '' } },
      {},
    ],
  ];
  for (const [what, text, overrides, source] of CASES)
    test(`${what}: the same in one run and in many`, inShortIf(/footer|comments/.test(what)), async () => {
      const bytes = latin1(text);
      const wanted = Array.from({ length: 9 }, (_, n) => `N ${n}|n${n}@x.example|A`);
      const { job, rows } = await loaded(bytes, overrides);
      expect(rows).toEqual(wanted);
      expect(job).toMatchObject({ status: 'completed', totalRows: 9, failedCount: 0, source });
      await database.pool.query('truncate customers, job_errors, jobs cascade');
      const again = await loaded(bytes, overrides, { batchRows: 2, runs: true });
      expect(again.rows).toEqual(wanted);
      expect(again.job).toMatchObject({ status: 'completed', totalRows: 9, failedCount: 0 });
      expect(again.job.attempt).toBeGreaterThan(2);
    });

  test('a record without its optional end loads, with empty fields', async () => {
    const { job, rows } = await loaded(latin1(`${HEADER.trim()},phone\nGus,g@x.example,N\n`));
    expect(rows).toEqual(['Gus|g@x.example|N']);
    expect(job.notices).toEqual([
      '1 record lacks fields at its end; where these are optional, they are read as empty',
    ]);
  });
});
