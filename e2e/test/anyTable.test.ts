/** A file into a table other than customers: with the real command line and the real daemon, and back as a report. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, Rejection } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;

beforeEach(async () => {
  place = await openPlace();
  await place.database.pool.query(`
    create schema sales;
    create type sales.state as enum ('open', 'paid');
    create table sales.shops (code text primary key);
    insert into sales.shops values ('north');
    create table sales.orders (
      id bigint, line smallint, shop text not null references sales.shops, placed date not null,
      price numeric(8,2) check (price > 0), state sales.state not null default 'open', paid boolean,
      note varchar(10), created timestamptz not null default now(), total numeric generated always as (price * 2) stored,
      primary key (id, line))`);
  ({ url } = await place.start({ TARGET_TABLES: 'sales.*,public.customers' }));
});
afterEach(() => place.close());

const HEADER = 'Line,id,Shop,placed,price,state,paid,note,unknown\n';
const ROWS = [
  '1,7,north,2024-05-06,1.50,paid,true,,x',
  '2,7,north,2024-05-06,2.00,open,,"a, b",x',
  'one,7,north,2024-05-06,1.239,open,,,x',
  '3,7,south,2024-05-06,2,open,,,x',
  '4,7,north,2024-05-06,-1,open,,,x',
  '5,7,north,3/4/2024,2,abandoned,,,x',
  '1,7,north,2024-05-06,9,open,,,x',
  '6,7,north,2024-05-06,2,open,,much too long,x',
];

/** Uploads a file and watches it; returns the command's result and the job. */
async function load(
  text: string,
  ...args: string[]
): Promise<{ code: number | null; stderr: string; job: Job }> {
  const file = join(place.folder, 'orders.csv');
  await writeFile(file, text);
  const { code, stdout, stderr } = await csvjobs(
    url,
    'upload',
    file,
    '--watch',
    '--progress',
    'plain',
    ...args,
  );
  const job = (await (await fetch(`${url}/api/jobs/${stdout.trim()}`)).json()) as Job;
  return { code, stderr, job };
}

test('good rows are in the table with its types, the others in the report with all reasons', async () => {
  const { code, stderr, job } = await load(`${HEADER}${ROWS.join('\n')}\n`, '--into', 'sales.orders');
  expect(code, stderr).toBe(3);
  expect(stderr).toContain('into sales.orders');
  expect(job).toMatchObject({
    table: 'sales.orders',
    status: 'completed',
    totalRows: 8,
    successCount: 2,
    failedCount: 6,
    notices: ['ignored field: unknown'],
  });
  const { rows } = await place.database.pool.query(
    'select id, line, shop, placed::text, price::text, state, paid, note, total::text from sales.orders order by line',
  );
  const same = { id: 7, shop: 'north', placed: '2024-05-06' };
  expect(rows).toEqual([
    { ...same, line: 1, price: '1.50', state: 'paid', paid: true, note: null, total: '3.00' },
    { ...same, line: 2, price: '2.00', state: 'open', paid: null, note: 'a, b', total: '4.00' },
  ]);

  const report = (await csvjobs(url, 'errors', job.id)).stdout.split('\n');
  expect(report[0]).toBe('rowNumber,id,line,shop,placed,price,state,paid,note,error');
  expect(report[1]).toMatch(/^3,7,one,north,2024-05-06,1\.239,open,,,/);
  const { stdout } = await csvjobs(url, 'errors', job.id, '--format', 'ndjson');
  const rejections = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Rejection);
  const told = rejections.map(({ rowNumber, reasons = [] }) => [
    rowNumber,
    ...reasons.map(({ column, code: reason }) => `${column}: ${reason}`).sort(),
  ]);
  expect(told).toEqual([
    [3, 'line: not_an_integer', 'price: too_many_decimals'],
    [4, 'shop: foreign_key_missing'],
    [5, 'price: check_failed'],
    [6, 'placed: date_format_unknown', 'state: not_in_list'],
    [7, 'null: duplicate_in_file'],
    [8, 'note: too_long'],
  ]);
  expect(rejections[1]?.reasons?.[0]).toMatchObject({ value: 'south', constraint: 'orders_shop_fkey' });
  expect(job.reasons?.map(({ rows: each }) => each)).toEqual([1, 1, 1, 1, 1, 1]);

  expect((await csvjobs(url, 'list')).stdout).toMatch(/orders\.csv → sales\.orders$/m);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^csvjobs_rows_total\{outcome="loaded",table="sales\.orders"\} 2$/m);
  expect(metrics).toMatch(/^csvjobs_rows_total\{outcome="rejected",table="sales\.orders"\} 6$/m);
});

test('a check sends no file, rejects by the rules of the table, and names what only the database checks', async () => {
  const file = join(place.folder, 'orders.csv');
  await writeFile(file, `${HEADER}${ROWS.join('\n')}\n`);
  const lines = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const check = await csvjobs(url, 'check', file, '--into', 'sales.orders', '--json');
  const checked = lines(check.stdout);
  expect(checked.pop()).toMatchObject({
    table: 'sales.orders',
    totalRows: 8,
    failedCount: 4,
    notices: ['ignored field: unknown'],
    notJudged: [
      'rows that are already in the table (orders_pkey)',
      'foreign keys (orders_shop_fkey)',
      'checks (orders_price_check)',
    ],
    exitCode: 3,
  });
  expect((await place.database.pool.query('select from jobs')).rowCount).toBe(0);

  const { job } = await load(`${HEADER}${ROWS.join('\n')}\n`, '--into', 'sales.orders');
  const report = lines((await csvjobs(url, 'errors', job.id, '--format', 'ndjson')).stdout);
  const words = (rejections: Rejection[]) =>
    rejections
      .filter(({ rowNumber }) => rowNumber !== 4 && rowNumber !== 5)
      .map(({ rowNumber, line, message, row }) => ({
        rowNumber,
        line,
        row,
        message,
      }));
  expect(words(checked)).toEqual(words(report));

  const described = join(place.folder, 't.json');
  await writeFile(described, (await csvjobs(url, 'describe', 'sales.orders', '--json')).stdout);
  const offline = await csvjobs('http://127.0.0.1:9', 'check', file, '--table-file', described, '--json');
  expect(offline).toMatchObject({ stdout: check.stdout, code: 3 });
});

test('a file loaded again has all its rows in the table already', LONG, async () => {
  const good = `${HEADER}${ROWS.slice(0, 2).join('\n')}\n`;
  expect((await load(good, '--into', 'sales.orders')).code).toBe(0);
  const { code, job } = await load(good, '--into', 'sales.orders');
  expect(code).toBe(3);
  expect(job).toMatchObject({ successCount: 0, failedCount: 2 });
  const { stdout } = await csvjobs(url, 'errors', job.id, '--format', 'json');
  expect(JSON.parse(stdout).map(({ code: reason }: Rejection) => reason)).toEqual([
    'duplicate_in_table',
    'duplicate_in_table',
  ]);
});

test('a spec names the table and how to read values', LONG, async () => {
  const spec = join(place.folder, 'orders.yaml');
  await writeFile(
    spec,
    [
      'csvjobs:',
      '  into: sales.orders',
      '  aliases: { placed: [Ordered] }',
      '  constant: { line: "1" }',
      'schema:',
      '  fields:',
      '    - { name: placed, type: date, format: "%d/%m/%Y" }',
    ].join('\n'),
  );
  const { code, stderr, job } = await load('id,shop,Ordered\n9,north,03/04/2024\n', '--spec', spec);
  expect(code, stderr).toBe(0);
  expect(job).toMatchObject({ table: 'sales.orders', spec: { csvjobs: { into: 'sales.orders' } } });
  const { rows } = await place.database.pool.query('select id, line, placed::text from sales.orders');
  expect(rows).toEqual([{ id: 9, line: 1, placed: '2024-04-03' }]);
});

test('an unusable target is refused at once, with the next command', LONG, async () => {
  const file = join(place.folder, 'orders.csv');
  await writeFile(file, `${HEADER}${ROWS[0]}\n`);
  const { code, stderr } = await csvjobs(url, 'upload', file, '--into', 'sales.ordres');
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean sales.orders?');
  expect(stderr).toContain(`next: csvjobs upload ${file} --into sales.orders\n`);
  const unlike = await csvjobs(url, 'upload', file, '--into', 'sales.deliveries');
  expect(unlike.stderr).toContain('csvjobs create-table');
  await writeFile(file, 'id,shop\n1,north\n');
  const header = await csvjobs(url, 'upload', file, '--into', 'sales.orders');
  expect(header.stderr).toMatch(/missing columns: line, placed/);
  expect(header.stderr).toContain('csvjobs describe sales.orders');
  expect((await place.database.pool.query('select from jobs')).rowCount).toBe(0);
});

test(
  'a table with times that it does not make itself: the advised command loads the file',
  LONG,
  async () => {
    await place.database.pool.query(`create table sales.users (id bigserial primary key, email text not null,
    created_at timestamp not null, updated_at timestamptz not null)`);
    const file = join(place.folder, 'users.csv');
    await writeFile(file, 'email\nann@x.example\nbob@x.example\n');
    const { code, stderr } = await csvjobs(url, 'upload', file, '--into', 'sales.users', '--watch');
    expect(code).toBe(2);
    const [, advised = ''] = /next: csvjobs (upload .*)/.exec(stderr) ?? [];
    expect(advised).toMatch(/ --default created_at=now --default updated_at=now$/);
    const { code: done, stderr: said } = await csvjobs(url, ...advised.split(' '));
    expect(done, said).toBe(0);
    expect(said).toContain('in every row (default), as no field stands for it');
    const { rows } = await place.database.pool.query(
      `select count(*)::int as rows, count(distinct created_at)::int as times,
       bool_and(updated_at = created_at at time zone 'UTC' and now() - updated_at < '1 hour') as same from sales.users`,
    );
    expect(rows).toEqual([{ rows: 2, times: 1, same: true }]);
  },
);

// In the short form the command line's checkInto.test.ts has such advice.
test('prices with a decimal comma: the advised option loads them', inShortIf(false), async () => {
  const text = 'line,id,shop,placed,price\n1,8,north,2024-05-06,"1.234,50"\n2,8,north,2024-05-06,"1,50"\n';
  const refused = await load(text, '--into', 'sales.orders');
  expect(refused.code, refused.stderr).toBe(3);
  const advice = 'If commas are decimal signs in the file, add --decimal , --group . to the upload.';
  expect(refused.stderr).toContain(`advice: ${advice}`);
  expect(refused.job.reasons).toEqual([{ message: 'price: not a number', rows: 2, advice }]);
  const { stdout } = await csvjobs(url, 'show', refused.job.id);
  expect(stdout).toContain(`  2  price: not a number\n  ${advice}\n`);
  const loaded = await load(text, '--into', 'sales.orders', '--decimal', ',', '--group', '.');
  expect(loaded.code, loaded.stderr).toBe(0);
  const { rows } = await place.database.pool.query('select price::text from sales.orders order by line');
  expect(rows).toEqual([{ price: '1234.50' }, { price: '1.50' }]);
});

test('dates with points: the advised option loads them', LONG, async () => {
  const text = 'line,id,shop,placed,created\n1,9,north,31.12.2024,1.2.2024 9:05\n';
  const dates = await load(text, '--into', 'sales.orders');
  expect(dates.job.reasons).toMatchObject([{ advice: 'Add --date-format %d.%m.%Y to the upload.' }]);
  const forms = ['--date-format', '%d.%m.%Y'];
  const times = await load(text, '--into', 'sales.orders', ...forms, '--time-zone', 'Europe/Berlin');
  const advice = "Add --timestamp-format '%d.%m.%Y %H:%M' to the upload.";
  expect(times.job.reasons).toMatchObject([{ advice }]);
  forms.push('--timestamp-format', '%d.%m.%Y %H:%M', '--time-zone', 'Europe/Berlin');
  const loaded = await load(text, '--into', 'sales.orders', ...forms);
  expect(loaded.code, loaded.stderr).toBe(0);
  const { rows } = await place.database.pool.query(
    `select placed::text, (created at time zone 'Europe/Berlin')::text as created from sales.orders`,
  );
  expect(rows).toEqual([{ placed: '2024-12-31', created: '2024-02-01 09:05:00' }]);
});
