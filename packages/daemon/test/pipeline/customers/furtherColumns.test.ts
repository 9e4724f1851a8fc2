/** Customers with added columns: a migration, and perhaps a line in a spec, is enough to load them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CUSTOMERS_SPEC,
  loadableCustomers,
  readSpec,
  type SpecInput,
  withShippedFields,
} from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkFile } from '../../../src/pipeline/checkFile.js';
import { readCustomersTarget } from '../../../src/pipeline/customersHeader.js';
import { mapFile } from '../../../src/pipeline/mapFile.js';
import { needsTargetPath } from '../../../src/pipeline/prepareLoad.js';
import { rejectionsOf } from '../../../src/sql/jobErrors.js';
import { findJob } from '../../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { LIMITS, type Loading, openLoading } from '../support/loading.js';
import { customersTarget, makeCustomersJob } from './support.js';

let loading: Loading;
let db: TestDatabase;

beforeAll(async () => {
  loading = await openLoading();
  db = await createDatabase();
  await db.pool.query(`
    create table countries (code text primary key);
    insert into countries values ('DE'), ('SE');
    alter table customers add country text references countries, add born date, add score int check (score > 0)`);
});
afterAll(async () => {
  await db.drop();
  await loading.close();
});
beforeEach(() => db.pool.query('truncate customers, job_errors, jobs cascade'));

const file = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

/** Loads a file like an upload, and compares a check of it with the load, as far as the file allows. */
async function load(text: Buffer, input?: SpecInput, lanes = 2) {
  const spec = input && readSpec(input);
  const target = await customersTarget(db);
  const id = await makeCustomersJob(loading, db, { text, spec }, target);
  await loading.load(db, id, lanes);
  const job = (await findJob(db.pool, id))!;
  const rejections = [];
  for await (const page of rejectionsOf(db.pool, id)) rejections.push(...page);
  const { rows } = await db.pool.query(
    `select row_number, name, email, phone, company, country, born::text, score, job_id = $1 as own from customers
     order by row_number`,
    [id],
  );
  return { id, job, rejections, rows: rows.map((row) => Object.values(row)) };
}

async function check(text: Buffer, input?: SpecInput) {
  const path = join(loading.folder, 'checked.csv');
  await writeFile(path, text);
  const target = loadableCustomers(await customersTarget(db));
  const into = { target, spec: input && readSpec(input), customers: true as const };
  const events = [];
  for await (const event of checkFile({ path, overrides: {}, limits: LIMITS, maxUploadBytes: 1e9, into }))
    events.push(event);
  return events;
}

describe('a column added by a migration', () => {
  const text = file(
    'Full Name,E-Mail,company,Land,born,score',
    'Ann,ann@x.example,Acme,DE,2001-02-03,7',
    'Bo,Bo <bo@x.example>,Acme,,,',
    ',bo,Acme,DE,3/4/2001,x',
    'Cy,ANN@x.example,Acme,SE,,',
    'Di,di@x.example,Acme,XX,,1',
    'Ed,ed@x.example,Acme,SE,,-1',
    'Fay,fay@x.example',
  );
  const OWN_FIRST = expect.stringMatching(
    /^name is required; email is not a valid address; born: .*; score: not an integer$/,
  );
  const VERDICTS = [
    [3, 'required', OWN_FIRST],
    [4, 'duplicate_in_file', 'duplicate of row 1'],
    [5, 'foreign_key_missing', 'country: not in countries.code (customers_country_fkey)'],
    [6, 'check_failed', expect.stringContaining('score: the check customers_score_check')],
    [7, 'wrong_number_of_fields', expect.any(String)],
  ];

  it.each([1, 2])(
    'is loaded with %i lanes, found by its usual names, and judged by the rules of the table',
    async (lanes) => {
      const { job, rejections, rows } = await load(text, undefined, lanes);
      expect(rows).toEqual([
        [1, 'Ann', 'ann@x.example', null, 'Acme', 'DE', '2001-02-03', 7, true],
        [2, 'Bo', 'bo@x.example', null, 'Acme', null, null, null, true],
      ]);
      expect(rejections.map(({ rowNumber, code, message }) => [rowNumber, code, message])).toEqual(VERDICTS);
      expect(rejections[2]).toMatchObject({ row: { country: 'XX', score: '1', name: 'Di' } });
      expect(rejections[0]?.reasons).toBeUndefined();
      expect(job).toMatchObject({ table: 'customers', successCount: 2, failedCount: 5 });
      expect(job.notices).toContain('email: the address beside a name taken (1 row)');
    },
  );

  it('is checked as it is loaded', async () => {
    const { rejections, job } = await load(text);
    const events = await check(text);
    const rejected = events.flatMap(({ type, ...rest }) => (type === 'rejected' ? [rest] : []));
    // Foreign keys and checks are left to PostgreSQL.
    expect(rejected).toEqual(rejections.filter(({ rowNumber }) => rowNumber !== 5 && rowNumber !== 6));
    const notices = events.flatMap((event) => ('notices' in event ? (event.notices ?? []) : []));
    expect(job.notices).toEqual(notices);
    expect(events.at(-1)).toMatchObject({
      notJudged: [
        'e-mails that are in the table already',
        'foreign keys (customers_country_fkey)',
        'checks (customers_score_check)',
      ],
    });
  });

  it('is shown when mapping a file by hand', async () => {
    const path = join(loading.folder, 'mapped.csv');
    await writeFile(path, text);
    const into = { target: await customersTarget(db), spec: undefined, customers: true as const };
    const answer = await mapFile({ path, overrides: {}, limits: LIMITS, maxUploadBytes: 1e9, into });
    if (answer.type !== 'mapped') throw new Error(answer.message);
    expect(answer.columns.map(({ column, match }) => [column, match])).toEqual([
      ['name', 'known'],
      ['email', 'folded'],
      ['phone', null],
      ['company', 'exact'],
      ['country', 'known'],
      ['born', 'exact'],
      ['score', 'exact'],
    ]);
  });

  it('can be read by the spec of an upload, next to values set by the spec', async () => {
    const { rows, rejections } = await load(
      file('First,Last,email,company,C,born', 'A,B,a@x.example,X, se ,03.02.2001', 'C,D,c@x.example,X,-,?'),
      {
        schema: {
          fields: [
            { name: 'born', type: 'date', format: '%d.%m.%Y' },
            { name: 'country', missingValues: ['-'], categories: [{ value: 'SE', label: 'se' }] },
          ],
        },
        csvjobs: {
          aliases: { country: ['C'] },
          combine: { name: ['First', 'Last'] },
          constant: { score: '3' },
          trim: ['country'],
        },
      },
    );
    expect(rows).toEqual([[1, 'A B', 'a@x.example', null, 'X', 'SE', '2001-02-03', 3, true]]);
    expect(rejections).toMatchObject([
      { rowNumber: 2, code: 'not_in_format', message: 'born: not in the format "%d.%m.%Y"' },
    ]);
  });

  it('is loaded by the rules of a line in the default spec', async () => {
    const target = await customersTarget(db);
    const field = { name: 'country', type: 'string' as const, constraints: { pattern: '[A-Z]{2}' } };
    const { schema } = CUSTOMERS_SPEC;
    const shipped = { ...CUSTOMERS_SPEC, schema: { ...schema!, fields: [...schema!.fields, field] } };
    expect(withShippedFields(target, undefined)).toBeUndefined();
    expect(withShippedFields(target, undefined, shipped)?.schema?.fields).toEqual([field]);
    const own = readSpec({ schema: { fields: [{ name: 'country' }] } });
    expect(withShippedFields(target, own, shipped)).toBe(own);
  });
});

describe('the path of a job', () => {
  const columns = async (header: string) => {
    const into = { target: await customersTarget(db), spec: undefined, customers: true as const };
    return readCustomersTarget(header.split(','), ',', into).plan;
  };

  it('is the customers path if the file fills no other column and no other option is used', async () => {
    expect(needsTargetPath({}, await columns('name,email,company,note'))).toBe(false);
    expect(needsTargetPath({}, await columns('name,email,company,country'))).toBe(true);
    expect(needsTargetPath({ mode: { onConflict: 'skip' } }, await columns('name,email,company'))).toBe(true);
    expect(needsTargetPath({ mode: { onConflict: 'reject' } }, await columns('name,email,company'))).toBe(
      false,
    );
  });

  it('gives the same result on either path', async () => {
    const { rows, job } = await load(
      file('name,email,company,note', 'A,a@x.example,C,n', 'B,A@x.example,C,n'),
    );
    expect(rows).toEqual([[1, 'A', 'a@x.example', null, 'C', null, null, null, true]]);
    expect(job).toMatchObject({ failedCount: 1, notices: ['ignored columns: note'] });
  });
});

it('a NOT NULL column without a default is required in the file', async () => {
  const other = await createDatabase();
  try {
    await other.pool.query('alter table customers add country text not null');
    const into = { target: await customersTarget(other), spec: undefined, customers: true as const };
    expect(() => readCustomersTarget(['name', 'email', 'company'], ',', into)).toThrow(
      'missing columns: country',
    );
    expect(readCustomersTarget(['name', 'email', 'company', 'country'], ',', into).plan.columns).toHaveLength(
      4,
    );
  } finally {
    await other.drop();
  }
});
