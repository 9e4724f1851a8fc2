/** A spec for customers: how fields become columns, with the same result in a check and in a load. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CheckEvent, readSpec, type SpecInput } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkFile } from '../../src/pipeline/checkFile.js';
import { readCustomersHeader } from '../../src/pipeline/customersHeader.js';
import { run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { rejectionsOf } from '../../src/sql/jobErrors.js';
import { findJob, insertJob } from '../../src/sql/jobs.js';
import { openFolderStore } from '../../src/storage/folder/folderStore.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { NOBODY } from './support/loading.js';
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

/** The result of a load, after a check of the file has reported the same. */
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
  try {
    await run((await claimJob(pool, id))!, deps, new AbortController().signal);
  } finally {
    await readers.close();
  }
  const rejections = (await all(rejectionsOf(pool, id))).flat();
  const job = (await findJob(pool, id))!;
  expect(checked).toEqual([
    { type: 'read', totalRows: job.totalRows, source: job.source, notices: expect.anything() },
    ...rejections.map((rejection) => ({ type: 'rejected', ...rejection })),
    expect.objectContaining({ type: 'checked', successCount: job.successCount }),
  ] satisfies (CheckEvent | object)[]);
  const notices = checked.flatMap((event) => ('notices' in event ? (event.notices ?? []) : []));
  expect(job.notices).toEqual(notices);
  const { rows } = await pool.query<Record<string, string | null>>(
    'select name, email, phone, company from customers order by row_number',
  );
  return { job, rejections, rows: rows.map((row) => Object.values(row)) };
}

describe('columns', () => {
  it.each([
    [
      'persons, otherwise firms',
      [{ combine: ['Vorname', 'Nachname'] }, 'Firma'],
      ['Ada Byron', 'Bo', 'Acme', 'Lee'],
    ],
    [
      'firms, otherwise persons',
      ['Firma', { combine: ['Vorname', 'Nachname'] }],
      ['Engine', 'Bo', 'Acme', 'Lee'],
    ],
  ])('from a file of both: %s', async (_case, name, names) => {
    const text =
      'Vorname,Nachname,Firma,E-Mail\n' +
      'Ada,Byron, Engine ,ada@x.example\n' +
      ' Bo ,,,bo@x.example\n' +
      ', ,Acme,acme@x.example\n' +
      ',Lee,,lee@x.example\n' +
      ',,,none@x.example\n';
    const { rows, rejections } = await load(text, {
      csvjobs: { firstOf: { name }, aliases: { company: ['Firma'] }, default: { company: '-' } },
    });
    expect(rows.map(([each]) => each)).toEqual(names);
    expect(rejections.map(({ rowNumber, message }) => [rowNumber, message])).toEqual([
      [5, 'name is required'],
    ]);
  });

  it('from several fields, from the first with a value, with a default and a constant', async () => {
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

  it('without a field have their default or their constant in every row', async () => {
    const { rows, job } = await load('name,email\nAda,ada@x.example\n', {
      csvjobs: { default: { company: 'Unknown' }, constant: { phone: '112' } },
    });
    expect(rows).toEqual([['Ada', 'ada@x.example', '112', 'Unknown']]);
    expect(job.notices).toEqual(['company: "Unknown" in every row (default), as no field stands for it']);
  });

  it('keep their text in the report if it means a missing value, or if a duplicate had blanks around it', async () => {
    const text =
      'name,email,phone,company\nA,a@x.example,n/a,C\nn/a,b@x.example,,C\nA2, a@x.example ,n/a,C\n';
    const { rows, rejections } = await load(text, { schema: { fields: [], missingValues: ['n/a'] } });
    expect(rows).toEqual([['A', 'a@x.example', null, 'C']]);
    expect(rejections).toMatchObject([
      { code: 'required', message: 'name is required', row: { name: 'n/a', phone: '' } },
      { code: 'duplicate_in_file', row: { email: ' a@x.example ', phone: 'n/a' } },
    ]);
  });

  it('have the limits of the spec, and all violations are reported', async () => {
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

  it('are found by an empty spec as without one', () => {
    const names = ['Phone', 'Full Name', 'E-Mail', 'company'];
    const plain = readCustomersHeader(names, ',');
    expect(plain.made).toBeUndefined();
    expect(readCustomersHeader(names, ',', readSpec({ csvjobs: {} }))).toEqual(plain);
  });
});

describe('values with extra text around them', () => {
  it('are loaded without it, and each kind is counted', async () => {
    const text =
      'name,email,phone,company\n' +
      "\u200bAnn\u200b,Ann Lee <ann@x.example>,'+44 1,Acme\n" +
      'Bo,mailto:bo@x.example?subject=x,555 0101 ::: 555 0102,Acme\n' +
      'Cy,cy@x.example ::: cy2@x.example,tel:555 0103;ext=5,Acme\n' +
      'Di,di@x.example; di2@x.example,555 0104; 555 0105,\ufeffAcme\u00ad\n' +
      'Ann,ANN@x.example,,Acme\n' +
      'Ed,ann@x.example <ann@x.example>,,Acme\n';
    const { rows, rejections, job } = await load(text, undefined);
    expect(rows).toEqual([
      ['Ann', 'ann@x.example', '+44 1', 'Acme'],
      ['Bo', 'bo@x.example', '555 0101', 'Acme'],
      ['Cy', 'cy@x.example', '555 0103;ext=5', 'Acme'],
      ['Di', 'di@x.example', '555 0104', 'Acme'],
    ]);
    expect(rejections).toMatchObject([
      { code: 'duplicate_in_file', row: { email: 'ANN@x.example' } },
      { code: 'email_invalid', row: { email: 'ann@x.example <ann@x.example>' } },
    ]);
    expect(job.notices).toEqual([
      'email: the first of several addresses in a field taken (2 rows)',
      'phone: the first of several numbers in a field taken (2 rows)',
      'company: invisible characters around a value left out (1 row)',
      'email: "mailto:" before an address left out (1 row)',
      'email: the address beside a name taken (1 row)',
      'name: invisible characters around a value left out (1 row)',
      'phone: "tel:" before a number left out (1 row)',
      'phone: an apostrophe before a number left out (1 row)',
    ]);
  });

  it('are judged as they are under strict', async () => {
    const text = 'name,email,phone,company\nAnn,Ann <ann@x.example>,1,Acme\nBo,bo@x.example,1; 2,Acme\n';
    const { rows, rejections } = await load(text, { csvjobs: { strict: true } });
    expect(rows).toEqual([['Bo', 'bo@x.example', '1; 2', 'Acme']]);
    expect(rejections.map(({ rowNumber }) => rowNumber)).toEqual([1]);
  });

  it('keep their original text in the report if the row is rejected', async () => {
    const { rejections, rows } = await load(
      'name,email,company,phone\nA,x@y.example,C,1\nB,mailto:x@y.example,C,"1;2;3"\n,<z@y.example>,C,\n',
      undefined,
    );
    expect(rows).toHaveLength(1);
    expect(rejections).toMatchObject([
      { code: 'duplicate_in_file', row: { email: 'mailto:x@y.example', phone: '1;2;3' } },
      { code: 'required', row: { email: '<z@y.example>' } },
    ]);
  });

  it('are rejected with advice if a person has to fix them', async () => {
    const bad = ['a@x.example, b@x.example', 'Ann <a@x>', 'a b@x.example', 'a@', 'a@host', 'nobody'];
    const text = `name,email,company\n${bad.map((email) => `A,"${email}",C\n`).join('')}`;
    const { rejections } = await load(text, undefined);
    expect(rejections.map(({ message }) => message.replace('email is not a valid address', ''))).toEqual([
      ': several addresses in one field; keep one',
      ': a name beside the address; keep the address alone',
      ': a space inside; remove it',
      ': the part behind the @ is missing',
      ': the domain has no ending such as .com',
      '',
    ]);
  });
});

describe('unsuitable specs', () => {
  it.each<[string, SpecInput, string[]]>([
    ['a missing column', { csvjobs: { constant: { source: 'crm' } } }, ['no column "source"']],
    [
      'a missing field',
      { csvjobs: { combine: { name: ['Fist'] } } },
      ['the file has no field "Fist"; found: name'],
    ],
    [
      'meaningless entries',
      { csvjobs: { mode: 'update', key: 'name', trim: false, quotedEmpty: 'text' } },
      [
        'csvjobs.mode cannot be "update"',
        'csvjobs.key of customers is email',
        'csvjobs.quotedEmpty cannot be "text"',
        'csvjobs.trim cannot be false',
      ],
    ],
    [
      'a lookup',
      { csvjobs: { lookup: { company: { table: 't', value: 'id', by: { a: 'company' } } } } },
      ['csvjobs.lookup is not supported'],
    ],
    [
      'a limit that text cannot have',
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
