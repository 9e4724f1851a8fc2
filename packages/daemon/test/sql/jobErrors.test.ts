/** The report is read in pages of bounded bytes, and is complete or ends with an error. */
import { adviceOf, headingOf, type Rejection, type TargetReason } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteJob } from '../../src/sql/deletedJobs.js';
import {
  adviceFor,
  originalsOf,
  rejectedColumns,
  rejectionsOf,
  takeRejection,
} from '../../src/sql/jobErrors.js';
import { countRejects, makeJob } from '../http/harness.js';
import { inShortIf, LONG } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/**
 * The maximum size of a page in JSON: its limit, sixfold escapes and the frame of each row, and its last row.
 */
const PAGE_BYTES = 4 * 1024 * 1024;

/** A job with a reject for each of these values, which are SQL and may refer to `n`. */
async function jobWith(...values: { value: string; rows: number }[]): Promise<string> {
  const { id } = await makeJob(database.pool);
  let before = 0;
  for (const { value, rows } of values) {
    await database.pool.query(
      `insert into job_errors (job_id, row_number, line, code, message, row)
       select $1, $2::int + n, n, 'required', 'name is required', jsonb_build_object('name', ${value})
       from generate_series(1, $3::int) n`,
      [id, before, rows],
    );
    before += rows;
  }
  await countRejects(database.pool, id);
  return id;
}

async function pagesOf(id: string, after?: number): Promise<Rejection[][]> {
  const pages: Rejection[][] = [];
  for await (const page of rejectionsOf(database.pool, id, after)) pages.push(page);
  return pages;
}

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
/** 32 characters each, which PostgreSQL cannot compress. */
const random = (length: number) =>
  `(select string_agg(md5(n::text || m::text), '') from generate_series(1, ${length / 32}) m)`;

const VALUES = [
  ['that PostgreSQL compresses to a hundredth', `repeat('x', 900000)`, 40],
  ['that do not compress', random(320_000), 40],
  ['of control characters, six bytes each in JSON', `repeat(E'\\x01', 300000)`, 20],
  ['of two kilobytes', `repeat('y', 2000)`, 3_000],
] as const;
for (const [what, value, rows] of VALUES)
  test(
    `rows ${what}: each once, in order, in pages of bounded size`,
    inShortIf(/hundredth|two kilobytes/.test(what)),
    async () => {
      const id = await jobWith({ value, rows });
      const pages = await pagesOf(id);
      expect(pages.flat().map(({ rowNumber }) => rowNumber)).toEqual(range(1, rows));
      const largest = Math.max(...pages.flat().map(bytesOf));
      for (const page of pages) expect(bytesOf(page)).toBeLessThan(PAGE_BYTES + largest);
    },
  );

test('small rows, then large ones, then small ones: no page exceeds its limit', LONG, async () => {
  const small = { value: `'a' || n`, rows: 5_000 };
  const id = await jobWith(small, { value: `repeat('x', 900000)`, rows: 30 }, small);
  const pages = await pagesOf(id);
  expect(pages.flat().map(({ rowNumber }) => rowNumber)).toEqual(range(1, 10_030));
  for (const page of pages) expect(bytesOf(page)).toBeLessThan(PAGE_BYTES);
  // Few rows per page where they are large, and many again where they are small.
  expect(pages.length).toBeLessThan(70);
});

test('after a row, and after the last', async () => {
  const id = await jobWith({ value: `'a'`, rows: 2_500 });
  expect((await pagesOf(id, 1)).flat().map(({ rowNumber }) => rowNumber)).toEqual(range(2, 2_500));
  expect((await pagesOf(id, 1_200)).flat().map(({ rowNumber }) => rowNumber)).toEqual(range(1_201, 2_500));
  expect(await pagesOf(id, 2_500)).toEqual([]);
  expect(await pagesOf(id, 9_999)).toEqual([]);
});

test('rows added while it is read are included', async () => {
  const id = await jobWith({ value: `'a'`, rows: 1_000 });
  const reading = rejectionsOf(database.pool, id);
  let rows = (await reading.next()).value!.length;
  await database.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row) select $1, 1000 + n, n, 'required', '', '{}'
     from generate_series(1, 500) n`,
    [id],
  );
  await countRejects(database.pool, id);
  for await (const page of reading) rows += page.length;
  expect(rows).toBe(1_500);
});

test.each([0, 3])('missing rows are not skipped silently (after %i)', async (after) => {
  const id = await jobWith({ value: `'a'`, rows: 1_500 });
  await database.pool.query('delete from job_errors where job_id = $1 and row_number = 1400', [id]);
  await expect(pagesOf(id, after)).rejects.toMatchObject({
    code: 'report_incomplete',
    message: expect.stringContaining('1499 rows up to row 1500, but 1500'),
  });
});

test.each([0, 3])('nor are rows that the job has not counted (after %i)', async (after) => {
  const id = await jobWith({ value: `'a'`, rows: 10 });
  await database.pool.query('update jobs set failed_count = 9, processed_rows = 9 where id = $1', [id]);
  await expect(pagesOf(id, after)).rejects.toMatchObject({
    code: 'report_incomplete',
    message: expect.stringContaining('10 rows up to row 10, but 9'),
  });
});

test('rows are in file order, however they are stored', async () => {
  const own = await createDatabase();
  try {
    const { id } = await makeJob(own.pool);
    await own.pool.query(
      `insert into job_errors (job_id, row_number, line, code, message, row)
       select $1, 1001 - n, n, 'required', '', '{}' from generate_series(1, 1000) n`,
      [id],
    );
    await countRejects(own.pool, id);
    await own.plain('vacuum analyze job_errors');
    const rows: number[] = [];
    for await (const page of rejectionsOf(own.pool, id)) rows.push(...page.map((row) => row.rowNumber));
    expect(rows).toEqual(range(1, 1_000));
  } finally {
    await own.drop();
  }
});

test('a job that is deleted while its report is read ends it with that reason', async () => {
  const id = await jobWith({ value: `'a'`, rows: 1_000 });
  await database.pool.query(`update jobs set status = 'completed' where id = $1`, [id]);
  const reading = rejectionsOf(database.pool, id);
  await reading.next();
  await deleteJob(database.pool, id);
  await expect(reading.next()).rejects.toMatchObject({ code: 'job_deleted' });
});

test('a record that was not kept as it was ends a report of originals', async () => {
  const id = await jobWith({ value: `'a'`, rows: 2 });
  await database.pool.query(`update job_errors set original = 'x' where job_id = $1 and row_number = 1`, [
    id,
  ]);
  await expect(originalsOf(database.pool, id).next()).rejects.toMatchObject({
    code: 'report_incomplete',
    message: expect.stringContaining('row 2'),
  });
});

test('what is looked up in a report is that of its job', async () => {
  const { pool } = database;
  const target = (...names: string[]) => JSON.stringify({ columns: names.map((name) => ({ name })) });
  const reason = (value: string): TargetReason => ({
    code: 'not_an_integer',
    column: 'id',
    params: { value },
  });
  const put = async (names: string[], reasons: TargetReason[]) => {
    const { id } = await makeJob(pool, { target_table: 'public.t', target: target(...names) });
    for (const [index, each] of reasons.entries())
      await pool.query(
        `insert into job_errors (job_id, row_number, line, code, message, row, reasons) values ($1, $2, 1, $3, 'm', $4, $5)`,
        [id, index + 1, each.code, JSON.stringify({ [names[0]!]: 'x' }), JSON.stringify([each])],
      );
    return id;
  };
  const before = await put(['a'], [{ code: 'required', column: 'a', params: {} }]);
  const id = await put(['b', 'c'], [reason('x'), reason(''), reason('y'.repeat(9_000))]);
  const after = await put(['d'], [{ code: 'required', column: 'd', params: {} }]);
  expect(await rejectedColumns(pool, id)).toEqual(['b']);
  expect(await rejectedColumns(pool, before)).toEqual(['a']);
  expect(await rejectedColumns(pool, after)).toEqual(['d']);
  expect(await rejectedColumns(pool, (await makeJob(pool)).id)).toBeUndefined();
  // The first reason of a kind decides: an empty value has other advice.
  const first = reason('x');
  expect(await adviceFor(pool, id)).toEqual(new Map([[headingOf(first), adviceOf(first)]]));

  expect(await takeRejection(pool, after)).toMatchObject({ rowNumber: 1, row: { d: 'x' } });
  expect(await takeRejection(pool, after)).toBeUndefined();
  const { rows } = await pool.query('select count(*) as n from job_errors where job_id = any($1)', [
    [before, id],
  ]);
  expect(rows).toEqual([{ n: 4 }]);
});

test('an unknown job has no report', async () => {
  await expect(pagesOf('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
    code: 'job_deleted',
  });
});
