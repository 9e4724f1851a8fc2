/** A spec for customers: how fields become columns, the same in a check and in a load. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CheckEvent, readSpec, type SpecInput } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkFile } from '../../src/pipeline/checkFile.js';
import { readCustomersHeader } from '../../src/pipeline/customersHeader.js';
import { run } from '../../src/pipeline/run.js';
import { rejectionsOf } from '../../src/sql/jobErrors.js';
import { claimJob } from '../../src/sql/jobProgress.js';
import { findJob, insertJob } from '../../src/sql/jobs.js';
import { createStorage } from '../../src/storage/storage.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { compiledReaders } from './support/readers.js';

const LIMITS = { maxRecordBytes: 2_000, maxDecodedBytes: 1e9, batchRows: 40, batchBytes: 1e6 };

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-spec-'));
  database = await createDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => database.pool.query('truncate customers, job_errors, jobs cascade'));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** What a load leaves, once a check of the file has said the same. */
async function load(text: string, input: SpecInput | undefined) {
  const spec = input && readSpec(input);
  const id = randomUUID();
  const path = join(folder, id);
  await writeFile(path, text);
  const task = { path, overrides: {}, limits: LIMITS, maxUploadBytes: 1e9, into: { spec } };
  const checked = await all(checkFile(task));
  const { pool, connection } = database;
  const file = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64) };
  await insertJob(pool, { id, ...file, overrides: {}, idempotencyKey: null, into: { spec } });
  const storage = await createStorage(folder);
  const readers = compiledReaders();
  const deps = { pool, connection, storage, limits: LIMITS, readers, lanes: 2, publish: () => {} };
  try {
    await run((await claimJob(pool, id))!, deps, new AbortController().signal);
  } finally {
    await readers.close();
  }
  const rejections = (await all(rejectionsOf(pool, id))).flat();
  const job = (await findJob(pool, id))!;
  expect(checked).toEqual([
    { type: 'read', totalRows: job.totalRows, source: job.source, notices: job.notices },
    ...rejections.map((rejection) => ({ type: 'rejected', ...rejection })),
    expect.objectContaining({ type: 'checked', successCount: job.successCount }),
  ] satisfies (CheckEvent | object)[]);
  const { rows } = await pool.query<Record<string, string | null>>(
    'select name, email, phone, company from customers order by row_number',
  );
  return { job, rejections, rows: rows.map((row) => Object.values(row)) };
}

describe('columns', () => {
  it('of several fields, of the first that has a value, with a default and a constant', async () => {
    const text =
      'First,Last,Mail,Mobile,Phone,Account\n' +
      'Ada,Byron,ada@x.example,, 1 ,Engine\n' +
      ' Bo ,,bo@x.example,2,3, \n' +
      ',,no@x.example,,,N\n';
    const { job, rows, rejections } = await load(text, {
      csvjobs: {
        combine: { name: ['First', 'Last'] },
        firstOf: { phone: ['Phone', 'Mobile'] },
        aliases: { company: ['Account'] },
        default: { company: 'Unknown' },
      },
    });
    expect(rows).toEqual([
      ['Ada Byron', 'ada@x.example', '1', 'Engine'],
      ['Bo', 'bo@x.example', '3', 'Unknown'],
    ]);
    expect(rejections).toEqual([
      {
        rowNumber: 3,
        line: 4,
        column: 'name',
        code: 'required',
        message: 'name is required',
        row: { name: '', email: 'no@x.example', phone: '', company: 'N' },
      },
    ]);
    expect(job.spec).toMatchObject({ csvjobs: { default: { company: 'Unknown' } } });
  });

  it('that no field stands for have their default or their constant in every row', async () => {
    const { rows, job } = await load('name,email\nAda,ada@x.example\n', {
      csvjobs: { default: { company: 'Unknown' }, constant: { phone: '112' } },
    });
    expect(rows).toEqual([['Ada', 'ada@x.example', '112', 'Unknown']]);
    expect(job.notices).toEqual(['company: "Unknown" in every row (default), as no field stands for it']);
  });

  it('keep their text in the report where it means no value, or where a duplicate had blanks around it', async () => {
    const text =
      'name,email,phone,company\nA,a@x.example,n/a,C\nn/a,b@x.example,,C\nA2, a@x.example ,n/a,C\n';
    const { rows, rejections } = await load(text, { schema: { fields: [], missingValues: ['n/a'] } });
    expect(rows).toEqual([['A', 'a@x.example', null, 'C']]);
    expect(rejections).toMatchObject([
      { code: 'required', message: 'name is required', row: { name: 'n/a', phone: '' } },
      { code: 'duplicate_in_file', row: { email: ' a@x.example ', phone: 'n/a' } },
    ]);
  });

  it('have the limits that the spec sets, all of which are said', async () => {
    const fields = [
      { name: 'phone', constraints: { required: true, pattern: '[0-9 ]+' } },
      { name: 'company', constraints: { maxLength: 3 } },
    ];
    const text = 'name,email,phone,company\nA,a@x.example,1,C\nA,b@x.example,,Long\n,b,x,C\n';
    const { rows, rejections } = await load(text, { schema: { fields } });
    expect(rows).toEqual([['A', 'a@x.example', '1', 'C']]);
    expect(rejections.map(({ message, code }) => [code, message])).toEqual([
      ['required', 'phone: a value is required; company: more than 3 characters'],
      ['required', 'name is required; email is not a valid address; phone: does not match [0-9 ]+'],
    ]);
  });

  it('are found by a spec that says nothing as without one', () => {
    const names = ['Phone', 'Full Name', 'E-Mail', 'company'];
    const plain = readCustomersHeader(names, ',');
    expect(plain.made).toBeUndefined();
    expect(readCustomersHeader(names, ',', readSpec({ csvjobs: {} }))).toEqual(plain);
  });
});

describe('what cannot be', () => {
  it.each<[string, SpecInput, string[]]>([
    ['a column that is not there', { csvjobs: { constant: { source: 'crm' } } }, ['no column "source"']],
    [
      'a field that is not there',
      { csvjobs: { combine: { name: ['Fist'] } } },
      ['no field "Fist"; found: name'],
    ],
    [
      'entries without a meaning',
      { csvjobs: { mode: 'update', key: 'name', trim: false } },
      [
        'csvjobs.mode cannot be "update"',
        'csvjobs.key of customers is email',
        'csvjobs.trim cannot be false',
      ],
    ],
    [
      'a lookup',
      { csvjobs: { lookup: { company: { table: 't', value: 'id', by: { a: 'b' } } } } },
      ['csvjobs.lookup is not supported'],
    ],
    [
      'a limit that text has not',
      { schema: { fields: [{ name: 'company', constraints: { minimum: 1 } }] } },
      ['constraints.minimum is for numbers, dates and times; company is text'],
    ],
  ])('%s is refused', (_, spec, parts) => {
    let thrown: unknown;
    try {
      readCustomersHeader(['name', 'email', 'company'], ',', readSpec(spec));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'spec_mismatch', retryable: false });
    for (const part of parts) expect(String(thrown)).toContain(part);
  });
});
