/** Customers on their own path and on that of any table: table and report are exactly the same. */
import { readSpec, type SpecInput } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sized, sizedIf } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { dirtyFile } from '../support/dirtyFile.js';
import { type Loading, openLoading } from '../support/loading.js';
import { type Attempts, type CustomersFile, leftBy, loadCustomers, makeCustomersJob } from './support.js';

let loading: Loading;
let db: TestDatabase;

beforeAll(async () => {
  loading = await openLoading();
  db = await createDatabase();
});
afterAll(async () => {
  await db.drop();
  await loading.close();
});
beforeEach(() => clear());

const clear = () => db.pool.query('truncate customers, job_errors, jobs cascade');
const file = (...lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

/** What each of the ways leaves of a file. @param before what the table has when it comes */
async function bothWays(wanted: CustomersFile, attempts: Attempts = { lanes: 2 }, before?: Uint8Array) {
  const left = [];
  for (const way of ['own', 'target'] as const) {
    await clear();
    if (before) {
      const known = await makeCustomersJob(loading, db, { text: before });
      await loading.load(db, known, 1);
    }
    left.push(await leftBy(db, await loadCustomers(loading, db, way, wanted, attempts)));
  }
  return left as [(typeof left)[number], (typeof left)[number]];
}

async function expectSame(wanted: CustomersFile, attempts?: Attempts, before?: Uint8Array) {
  const [own, target] = await bothWays(wanted, attempts, before);
  expect(target).toEqual(own);
  expect(own.job.status).toBe('completed');
  return own;
}

describe('dirty files', () => {
  const WAYS: [seed: number, attempts: Attempts][] = [
    [1, { lanes: 1 }],
    [2, { lanes: 2 }],
    [3, { lanes: 4 }],
    [4, { lanes: 1, stopsAt: [20, 120] }],
    [5, { lanes: 3, stopsAt: [1, 200] }],
  ];
  for (const [seed, attempts] of WAYS)
    it(`with seed ${seed}, ${JSON.stringify(attempts)}`, sizedIf(seed === 4), async () => {
      const { rejects, customers } = await expectSame({ text: dirtyFile(seed, sized(330, 400)) }, attempts);
      expect(rejects.length).toBeGreaterThan(100);
      expect(customers.length).toBeGreaterThan(100);
    });

  it('with some e-mails already in the table', { tags: ['sized'] }, async () => {
    const RECORDS = sized(150, 300);
    const { rejects } = await expectSame(
      { text: dirtyFile(6, RECORDS) },
      { lanes: 2 },
      dirtyFile(7, RECORDS),
    );
    const codes = new Set(rejects.map(({ code }) => code));
    expect(codes).toContain('already_in_customers');
    expect(codes).toContain('duplicate_in_file');
  });
});

describe('values with extra text around them', () => {
  it('are cleaned, counted and reported alike', async () => {
    const { job, rejects } = await expectSame({
      text: file(
        'name,email,phone,company',
        "\u200bAnn\u200b,Ann Lee <ann@x.example>,'+44 1,Acme",
        'Bo,mailto:bo@x.example?subject=x,555 0101 ::: 555 0102,Acme',
        'Di,di@x.example; di2@x.example,555 0104; 555 0105,\ufeffAcme\u00ad',
        '\u00a0Ed\u3000, ANN@X.example\u00a0,,\u2003Acme ',
        ',Ann <ann@x>,1;2,',
        '\u00a0,,,',
        'Fay,fay@x.example,<5>,Acme',
      ),
    });
    expect(job.notices).toHaveLength(7);
    expect(rejects.map(({ message }) => message)).toEqual([
      'duplicate of row 1',
      'name is required; email is not a valid address: a name beside the address; keep the address alone; company is required',
      'name is required; email is required; company is required',
    ]);
  });
});

const SPECS: Record<string, SpecInput> = {
  'that combines fields and has defaults': {
    csvjobs: {
      combine: { name: ['First', 'Last'] },
      firstOf: { phone: ['Phone', 'Mobile'] },
      aliases: { company: ['Account'] },
      default: { company: 'Unknown' },
    },
  },
  'that combines fields of which one has a value': {
    csvjobs: {
      firstOf: { name: [{ combine: ['First', 'Last'] }, 'Account'], phone: ['Phone', 'Mobile'] },
      aliases: { company: ['Account'] },
    },
  },
  'with a constant': { csvjobs: { constant: { company: 'One' }, combine: { name: ['First'] } } },
  'with words for missing values': {
    schema: { fields: [{ name: 'phone', missingValues: ['n/a'] }], missingValues: ['', '-'] },
    csvjobs: { aliases: { name: ['Last'], company: ['Account'] } },
  },
  'with limits': {
    schema: {
      fields: [
        { name: 'phone', constraints: { required: true, pattern: '[0-9 ]+' } },
        { name: 'company', constraints: { maxLength: 3 } },
        { name: 'email', constraints: { pattern: '.*example' } },
      ],
    },
    csvjobs: { aliases: { name: ['First'], company: ['Account'] } },
  },
  'with strict': {
    csvjobs: { strict: true, combine: { name: ['First'], phone: ['Phone'], company: ['Account'] } },
  },
  'with only default settings': {
    schema: { fields: [{ name: 'email', type: 'string', format: 'email', constraints: { required: true } }] },
    csvjobs: { aliases: { name: ['Last'], company: ['Account'] } },
  },
};

describe('a spec', () => {
  const text = file(
    'First,Last,Email,Mobile,Phone,Account',
    'Ada,Byron,ada@x.example,, 1 ,Engine',
    ' Bo , n/a ,bo@x.example;,2,3, ',
    ',,no@x.example,,,N',
    '-,Lee,cy@x.example,n/a,n/a,-',
    'Di,Di,di@y.other,"4;5 0000 6",,Long',
    'Ed,,ed,x,y,',
    'Fay,Fay,Fay <fay@x.example>,1,1,A',
    'Gil,Gil,ADA@x.example,1,1,B',
    'too,few',
  );
  it.each(Object.entries(SPECS))('%s', async (_, input) => {
    const { rejects } = await expectSame({ text, spec: readSpec(input) });
    expect(rejects.length).toBeGreaterThan(0);
  });
});

describe('a header', () => {
  it.each([
    ['in another order, with other columns and without phone', 'company,x,E-Mail,"Full Name",,'],
    ['with the columns that csvjobs fills', 'id,job_id,row_number,created_at,name,email,company'],
  ])('%s', async (_, header) => {
    const names = header.split(',');
    const record = (at: number) =>
      names
        .map((name) => (/mail/i.test(name) ? `a${at % 7}@x.example` : name === '' ? '' : `v${at}`))
        .join(',');
    const { customers } = await expectSame({
      text: file(header, ...Array.from({ length: 9 }, (_, at) => record(at))),
    });
    expect(customers).toHaveLength(7);
  });
});

it('a row inserted by another job in between is rejected alike', async () => {
  const known = file('name,email,company', 'K,K@\u212a.example,K', 'L,l@x.example,L');
  const text = file(
    'name,email,company',
    'A,k@k.example,A',
    'B,L@X.EXAMPLE,B',
    'C,c@x.example,C',
    'D,C@x.example,D',
  );
  const { rejects } = await expectSame({ text }, { lanes: 1 }, known);
  expect(rejects.map(({ message }) => message)).toEqual([
    'already in customers',
    'already in customers',
    'duplicate of row 3',
  ]);
});
